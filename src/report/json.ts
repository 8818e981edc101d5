import type { Binary } from '../model/binary.js';
import { neededNames } from '../model/binary.js';
import type { Image, Platform } from '../model/image.js';
import type { Report, ReportResult, Reporter } from '../model/report.js';
import type { Closure } from '../model/resolution.js';
import type { Evidence, Finding, Remedy, Requirement, RuleReference } from '../model/rule.js';
import type { AnalysedBinary, StartPath, StartProgram } from '../model/start.js';
import type { JudgedImage, JudgedRoute, RouteId } from '../model/verdict.js';
import type { HostProfile } from '../model/host.js';
import { kernelNeedsOf } from './kernel-needs.js';
import type { Gap } from '../model/gap.js';
import { describeFormatError } from '../model/gap.js';

/** Version of the document's shape. Fields may be added under the same version; nothing is renamed or removed. */
export const SCHEMA_VERSION = '1';

/** The document of docs/json.md and of {@link reportSchema}. */
export const json: Reporter = {
  id: 'json',
  summary: 'everything, for machines (docs/json.md; xoscheck schema prints its JSON Schema)',
  render: (report) => `${JSON.stringify(jsonDocument(report), null, 2)}\n`,
};

/** The report as a plain value. */
export function jsonDocument(report: Report): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: report.tool,
    notes: report.notes,
    results: report.results.map(result),
  };
}

function result({ analysis, host, judged }: ReportResult): object {
  return {
    image: imageOf(analysis.image),
    host: hostOf(host),
    verdict: verdictOf(judged),
    requirements: judged.requirements.map(requirementOf),
    kernelNeeds: kernelNeedsOf(analysis.kernelNeeds ?? null),
    entrypoint: entrypointOf(analysis.start),
    binaries: analysis.binaries.flatMap(binaryOf),
    findings: judged.findings.map(findingOf),
    gaps: analysis.gaps.map(gapOf),
    statistics: analysis.statistics,
  };
}

function imageOf(image: Image): object {
  const { entrypoint, cmd, env, user, workingDir } = image.config;
  return {
    reference: image.reference,
    format: image.format,
    digest: image.digest,
    names: image.names,
    platform: platformOf(image.platform),
    config: { entrypoint, cmd, env, user, workingDir },
    layers: image.layers.map(({ digest, diffId, mediaType, size, createdBy }) => ({
      digest,
      diffId,
      mediaType,
      size,
      createdBy,
    })),
  };
}

function platformOf({ os, architecture, variant, osVersion, osFeatures }: Platform): object {
  return { os, architecture, variant, osVersion, osFeatures };
}

/** The kernel in one word for readers who want no more, and the whole profile beside it. */
function hostOf(host: HostProfile): object {
  return { ...host, kernel: host.kernel ?? null };
}

function verdictOf({ verdict }: JudgedImage): object {
  return {
    outcome: verdict.outcome,
    via: verdict.via,
    ready: verdict.ready,
    summary: verdict.summary,
    routes: verdict.routes.map(routeOf),
  };
}

function routeOf(route: JudgedRoute): object {
  return {
    via: route.via,
    title: route.title,
    works: route.works,
    ready: route.ready,
    requires: route.requires.map(({ text, met, remedy }) => ({ text, met, remedy })),
    blockedBy: route.blockedBy,
  };
}

function requirementOf({ text, ruleId, kind, value, path, layer }: Requirement): object {
  return { text, ruleId, kind, value, path, layer };
}

function entrypointOf(start: StartPath): object | null {
  if (start.argv.length === 0) return null;
  const first = start.programs[0];
  return {
    argv: start.argv,
    form: start.form,
    resolvedPath: first?.lookup.found === true ? first.lookup.realPath : null,
    chain: start.programs.map(programOf),
    files: start.files.map(({ runtime, requested, lookup, certainty }) => ({
      runtime,
      requested,
      path: lookup.found ? lookup.realPath : null,
      certainty,
    })),
    notFollowed: start.notFollowed,
  };
}

function programOf(program: StartProgram): object {
  return {
    executedAs: program.executedAs,
    from: program.from,
    certainty: program.certainty,
    requested: program.requested,
    argv: program.argv,
    path: program.lookup.found ? program.lookup.realPath : null,
    layer: program.lookup.found ? program.lookup.entry.layer : null,
    format: program.format,
    deniedAt: program.deniedAt,
    interpreter: program.interpreter?.path ?? null,
    loader: program.closure?.loader ?? null,
    libraries: program.closure?.objects.slice(1).map((object) => object.path) ?? [],
    missing: missingNames(program.closure),
  };
}

function missingNames(closure: Closure | null): readonly string[] {
  const names = closure?.objects.flatMap((object) => object.needed.filter((need) => need.status === 'missing')) ?? [];
  return [...new Set(names.map((need) => need.needed))];
}

function binaryOf({ entry, reach, closure }: AnalysedBinary): object[] {
  const content = entry.content;
  if (content?.kind !== 'binary') return [];
  const { binary } = content;
  const own = closure?.objects[0]?.needed.filter((need) => need.status === 'missing') ?? [];
  return [
    {
      path: entry.path,
      layer: entry.layer,
      format: binary.format,
      machine: binary.machine,
      bits: binary.bits,
      endianness: binary.endianness,
      kind: kindOf(binary),
      ...elfFields(binary),
      needed: neededNames(binary),
      missing: own.map((need) => need.needed),
      reachable: reach === 'start',
      reach,
    },
  ];
}

function kindOf(binary: Binary): string {
  return binary.format === 'mach-o' ? (binary.slices[0]?.kind ?? 'other') : binary.kind;
}

function elfFields(binary: Binary): object {
  if (binary.format !== 'elf') return { interpreter: null, soname: null, runpath: [], rpath: [], symbolVersions: {} };
  return {
    interpreter: binary.interpreter,
    soname: binary.soname,
    runpath: binary.runpath?.split(':') ?? [],
    rpath: binary.rpath?.split(':') ?? [],
    symbolVersions: Object.fromEntries(
      binary.versionNeeds.map(({ file, versions }) => [file, versions.map(({ name }) => name)]),
    ),
  };
}

function findingOf(finding: Finding & { readonly routes: readonly RouteId[] }): object {
  return {
    ruleId: finding.ruleId,
    severity: finding.severity,
    confidence: finding.confidence,
    certain: finding.truth === 'yes',
    routes: finding.routes,
    title: finding.title,
    message: finding.message,
    consequence: finding.consequence,
    path: finding.path,
    layer: finding.layer,
    evidence: finding.evidence.map(evidenceOf),
    remedies: finding.remedies.map(remedyOf),
    references: finding.references.map(referenceOf),
  };
}

function evidenceOf({ kind, path, layer, offset, value }: Evidence): object {
  return { kind, path, layer, offset, value };
}

function remedyOf({ id, where, effort, text, command }: Remedy): object {
  return { id, where, effort, text, command };
}

function referenceOf({ title, url }: RuleReference): object {
  return { title, url };
}

function gapOf({ path, layer, part, error }: Gap): object {
  return { path, layer, part, offset: error.at, text: describeFormatError(error) };
}
