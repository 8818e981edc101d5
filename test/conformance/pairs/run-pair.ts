import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportResult } from '../../../src/model/report.js';
import { workFolder } from '../support/work.js';
import { execute, type Execution } from './execute.js';
import { closingFindings, judge, thisMachineWithDocker, wordsOf } from './judge.js';
import { ownLayer, writeLayout, type LayerArchive } from './layout.js';
import { changeLayers, layerTar, withRoot } from './overlay.js';
import type { Pair } from './pair.js';
import { baseLayers } from './roots.js';

/** One pair, executed and judged. */
export interface PairResult {
  readonly pair: Pair;
  readonly native: Execution;
  /** With emulators registered; null where the kernel takes the program itself. */
  readonly emulated: Execution | null;
  readonly result: ReportResult;
  /** What does not agree, in words; empty where all does. */
  readonly disagreements: readonly string[];
  /** The rule that names the culprit, or else the first that closes. */
  readonly rule: string;
  readonly culprits: readonly string[];
}

export async function runPair(pair: Pair, number: number): Promise<PairResult> {
  const place = workFolder('pairs', String(number));
  rmSync(place, { recursive: true, force: true });
  workFolder('pairs', String(number));
  const base = baseLayers(pair.base);
  const folders = [...base.folders];
  for (const [index, changes] of pair.layers.entries()) {
    const upper = join(place, `layer-${index}`);
    changeLayers(folders, upper, changes);
    folders.push(upper);
  }
  const native = withRoot(folders, (root) => execute(root, pair.config, false));
  const emulated = native.kind === 'ENOEXEC' ? withRoot(folders, (root) => execute(root, pair.config, true)) : null;
  const own = folders.slice(base.folders.length).map((upper, index): LayerArchive => {
    layerTar(upper, `${upper}.tar`);
    return ownLayer(`${upper}.tar`, `RUN step ${index + 1}`);
  });
  writeLayout(join(place, 'image'), [...base.archives, ...own], pair.config, pair.architecture ?? 'amd64');
  const result = await judge(`oci:${join(place, 'image')}`, await thisMachineWithDocker());
  const compared = compare(pair, native, emulated, result);
  if (compared.disagreements.length === 0) rmSync(place, { recursive: true, force: true });
  return { pair, native, emulated, result, ...compared };
}

type Compared = Pick<PairResult, 'disagreements' | 'rule' | 'culprits'>;

/** What decides: the start under an emulator where there is one, because emulation is a route of its own. */
export function deciding(native: Execution, emulated: Execution | null): Execution {
  return emulated === null || emulated.kind === 'ENOEXEC' ? native : emulated;
}

function compare(pair: Pair, native: Execution, emulated: Execution | null, result: ReportResult): Compared {
  const end = deciding(native, emulated);
  const { outcome, summary } = result.judged.verdict;
  const allowed = allowedOutcomes(end, end === emulated).includes(outcome);
  const differs = allowed ? [] : [`execution: ${end.kind} (${end.says}); verdict: ${outcome}: ${summary}`];
  if (end.kind !== 'starts') {
    const { disagreements, ...named } = compareCulprits(pair, end, result);
    return { disagreements: [...differs, ...disagreements], ...named };
  }
  const printed = pair.prints?.test(end.output) === true;
  const other = printed ? [] : [`it printed \`${end.output.slice(0, 200)}\`, not ${String(pair.prints)}`];
  return { disagreements: [...differs, ...other, ...unjustErrors(result)], rule: '', culprits: [] };
}

/** What stands in the way must be named, all of it by one finding. */
function compareCulprits(pair: Pair, end: Execution, result: ReportResult): Compared {
  const culprits = [...new Set([...end.culprits, ...(pair.culprit === undefined ? [] : [pair.culprit])])];
  const severe = [...closingFindings(result), ...(end.kind === 'program' ? warnings(result) : [])];
  const naming = severe.find((finding) => culprits.every((name) => wordsOf(finding).includes(name)));
  const said = severe.map((finding) => `${finding.ruleId}: ${finding.message}`);
  const disagreements = [
    ...(culprits.length === 0 ? [`no culprit is known for ${end.kind} (${end.says})`] : []),
    ...(naming === undefined
      ? [`no closing finding names ${culprits.join(' and ')}; said was [${said.join('; ')}]`]
      : []),
  ];
  return { disagreements, rule: naming?.ruleId ?? severe[0]?.ruleId ?? '', culprits };
}

/** What is said beside blockers of an image whose runtime gives up. */
function warnings(result: ReportResult): ReportResult['judged']['findings'] {
  return result.judged.findings.filter(
    ({ severity, truth }) => truth === 'yes' && severity !== 'blocker' && severity !== 'info',
  );
}

/** An image that starts may have warnings, but nothing that says that it does not. */
function unjustErrors(result: ReportResult): readonly string[] {
  const { via } = result.judged.verdict;
  const unjust = result.judged.findings.filter(
    ({ severity, truth, routes }) => severity === 'error' && truth === 'yes' && via !== null && routes.includes(via),
  );
  return unjust.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

/**
 * A kernel or a loader that refuses blocks. Where a program on the way gives up (a runtime without its file), the image
 * starts and says so, and a file may be mounted there: an error or a warning that names the culprit is right as well.
 */
function allowedOutcomes(end: Execution, byEmulator: boolean): readonly string[] {
  if (end.kind === 'starts') return byEmulator ? ['needs-emulation'] : ['runs', 'runs-with-warnings'];
  return end.kind === 'program' ? ['blocked', 'runs-with-warnings'] : ['blocked'];
}
