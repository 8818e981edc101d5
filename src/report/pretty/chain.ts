import type { ReportResult } from '../../model/report.js';
import type { Closure, Resolution } from '../../model/resolution.js';
import type { Finding, Proof } from '../../model/rule.js';
import type { StartFile, StartProgram } from '../../model/start.js';
import type { JudgedRoute } from '../../model/verdict.js';
import { shorten, visible } from '../escape.js';
import type { Mark, Paint } from './paint.js';
import { MARK_OF_SEVERITY, pad } from './paint.js';

/** One link of the chain from the entrypoint down to the CPU. */
interface Link {
  readonly label: string;
  readonly text: string;
  readonly mark: Mark;
  /** Where it comes from, in small print. */
  readonly origin: string;
}

const LABEL_COLUMNS = 13;

/** The start path as a chain: entrypoint, interpreters, libraries, kernel, CPU, with a mark at each link. */
export function chainLines(result: ReportResult, paint: Paint): readonly string[] {
  const route = result.judged.verdict.routes[0];
  const links = [...programLinks(result, route, paint), ...machineLinks(route)];
  if (links.length === 0) return [];
  return links.map(({ label, text, mark, origin }) => {
    const shown = shorten(visible(text), Math.max(30, paint.width - LABEL_COLUMNS - 6));
    const small = origin === '' || !paint.style.verbose ? '' : `  ${paint.dim(visible(origin))}`;
    return `  ${paint.mark(mark)} ${paint.dim(pad(label, LABEL_COLUMNS))}${shown}${small}`;
  });
}

function programLinks(result: ReportResult, route: JudgedRoute | undefined, paint: Paint): readonly Link[] {
  const { programs, files } = result.analysis.start;
  return programs.flatMap((program, index): readonly Link[] => {
    if (program.executedAs === 'command' && !paint.style.verbose) return [];
    // The loader is shown with its program, before the libraries that it maps.
    if (program.executedAs === 'interpreter') return [];
    const loader = programs.find(({ executedAs, from }) => executedAs === 'interpreter' && from === index);
    return [
      programLink(program, route, paint),
      ...(loader === undefined ? [] : [programLink(loader, route, paint)]),
      ...librariesLink(program, route),
      ...files.filter(({ from }) => from === index).map((file) => fileLink(file, result)),
    ];
  });
}

function fileLink({ requested, lookup }: StartFile, result: ReportResult): Link {
  return { label: 'runs', text: requested, mark: lookup.found ? 'good' : 'warn', origin: layerText(result, lookup) };
}

const LABELS: Readonly<Record<StartProgram['executedAs'], string>> = {
  entrypoint: 'entrypoint',
  shell: 'shell',
  shebang: 'interpreter',
  interpreter: 'loader',
  wrapped: 'then runs',
  command: 'calls',
};

function programLink(program: StartProgram, route: JudgedRoute | undefined, paint: Paint): Link {
  const { lookup } = program;
  const path = lookup.found ? lookup.realPath : `not found (${lookup.reason})`;
  const way = lookup.found && lookup.realPath === program.requested ? '' : ` ${paint.arrow} ${path}`;
  const paths = lookup.found ? [lookup.entry.path, lookup.realPath, program.requested] : [program.requested];
  const found: Mark = lookup.found ? 'good' : 'bad';
  return {
    label: LABELS[program.executedAs],
    text: `${program.requested}${way}${formatText(program)}`,
    mark: worst(found, findingsAt(route, paths)),
    origin: lookup.found ? `layer ${lookup.entry.layer + 1}` : '',
  };
}

function formatText(program: StartProgram): string {
  const content = program.lookup.found ? program.lookup.entry.content : null;
  if (content?.kind === 'binary') return `  (${content.binary.format.toUpperCase()} ${content.binary.machine})`;
  return program.format === 'unknown' || !program.lookup.found ? '' : `  (${program.format})`;
}

function librariesLink(program: StartProgram, route: JudgedRoute | undefined): readonly Link[] {
  const { closure } = program;
  if (closure === null || closure.loader === 'static') return [];
  const missing = namesOf(closure, 'missing');
  const found = closure.loader === 'unknown' ? 'not followed: its loader is not there' : foundText(closure);
  const text = missing.length === 0 ? found : `${missing.length} missing: ${missing.join(', ')} (${found})`;
  const paths = closure.objects.slice(1).map((object) => object.path);
  const mark = worst(
    missing.length > 0 ? 'bad' : closure.loader === 'unknown' ? 'unknown' : 'good',
    findingsAt(route, paths),
  );
  return [{ label: 'libraries', text, mark, origin: '' }];
}

/** `12 found by glibc, 3 brought by it`: files of the image, and what the loader has without a file. */
function foundText(closure: Closure): string {
  const builtin = namesOf(closure, 'builtin').length;
  return `${closure.objects.length - 1} found by ${closure.loader}${builtin === 0 ? '' : `, ${builtin} brought by it`}`;
}

function namesOf(closure: Closure, status: Resolution['status']): readonly string[] {
  const needs = closure.objects.flatMap((object) => object.needed.filter((need) => need.status === status));
  return [...new Set(needs.map((need) => need.needed))];
}

/** Facts of the guest that speak of its kernel, and of its CPU. */
const KERNEL_FACTS = /^guest\.(?:os|kernel|windows|features|cgroup|page-size-bytes)(?:\.|$)/;
const CPU_FACTS = /^guest\.(?:machines|cpu)(?:\.|$)/;

function machineLinks(route: JudgedRoute | undefined): readonly Link[] {
  if (route === undefined) return [];
  const { guest, findings } = route;
  const kernel = guest.kernel === undefined ? 'not known' : `${guest.kernel.name} ${guest.kernel.release ?? ''}`.trim();
  const machines = guest.machines?.join(', ') ?? 'not known';
  const level = guest.cpu?.x86Level === undefined ? '' : ` (x86-64-v${guest.cpu.x86Level})`;
  const of = (facts: RegExp, known: boolean): Mark =>
    worst(
      known ? 'good' : 'unknown',
      findings.filter(({ proof }) => readsFact(proof, facts)),
    );
  return [
    { label: 'kernel', text: kernel, mark: of(KERNEL_FACTS, guest.kernel !== undefined), origin: '' },
    { label: 'CPU', text: machines + level, mark: of(CPU_FACTS, guest.machines !== undefined), origin: '' },
  ];
}

function readsFact(proof: Proof, facts: RegExp): boolean {
  return proof.read.some(({ path }) => facts.test(path)) || proof.parts.some((part) => readsFact(part, facts));
}

function findingsAt(route: JudgedRoute | undefined, paths: readonly string[]): readonly Finding[] {
  return route?.findings.filter(({ path }) => path !== null && paths.includes(path)) ?? [];
}

const ORDER: readonly Mark[] = ['good', 'note', 'warn', 'unknown', 'bad'];

/** The heaviest mark of what is already known and of the findings; information changes none. */
function worst(start: Mark, findings: readonly Finding[]): Mark {
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ truth, severity }): Mark => (truth === 'unknown' ? 'unknown' : MARK_OF_SEVERITY[severity]))
    .reduce((heaviest, mark) => (ORDER.indexOf(mark) > ORDER.indexOf(heaviest) ? mark : heaviest), start);
}

function layerText(result: ReportResult, lookup: StartProgram['lookup']): string {
  if (!lookup.found) return '';
  const createdBy = result.analysis.image.layers[lookup.entry.layer]?.createdBy;
  return `layer ${lookup.entry.layer + 1}${createdBy === undefined || createdBy === null ? '' : `: ${createdBy}`}`;
}
