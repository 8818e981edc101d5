import type { HostProfile } from '../model/host.js';
import type { Image, Platform } from '../model/image.js';
import type { Finding, Remedy } from '../model/rule.js';
import type { JudgedRoute, Outcome, RouteRequirement } from '../model/verdict.js';
import { notReady, warningsOf } from './judge-route.js';

/** What a sentence about the verdict needs to name. */
export interface VerdictContext {
  readonly image: Pick<Image, 'platform'>;
  readonly host: Pick<HostProfile, 'title' | 'os' | 'architecture'>;
}

/** A verdict without its sentence. */
export interface Decision {
  readonly outcome: Outcome;
  readonly best: JudgedRoute | null;
  /** Best first. */
  readonly routes: readonly JudgedRoute[];
  readonly context: VerdictContext;
}

/** One sentence that a person can act on: what it is, why, and the best remedy. */
export function summarise(decision: Decision): string {
  const { outcome, best, context } = decision;
  if (best === null) return outcome === 'unknown' ? undetermined(decision) : blocked(decision);
  const warnings = warningsOf(best);
  const found = warnings.length === 0 ? '' : `, with ${countOf(warnings)} (${first(warnings)})`;
  return best.ready
    ? `${RUNS[best.kind]}${throughOf(best)} on ${context.host.title} (${platformText(context)})${found}.`
    : notYet(best, context, found);
}

const RUNS: Readonly<Record<JudgedRoute['kind'], string>> = {
  native: 'Runs natively',
  emulation: 'Runs under emulation',
  vm: 'Runs in a virtual machine',
};

const NEEDS: Readonly<Record<JudgedRoute['kind'], string>> = {
  native: 'Can run natively',
  emulation: 'Needs emulation',
  vm: 'Needs a virtual machine',
};

function throughOf(route: JudgedRoute): string {
  return route.kind === 'native' ? '' : ` (${route.via})`;
}

function platformText({ image }: VerdictContext): string {
  return platformOf(image.platform);
}

function platformOf({ os, architecture, variant }: Platform): string {
  return variant === null || variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

function countOf(findings: readonly Finding[]): string {
  const errors = findings.filter((finding) => finding.severity !== 'warning').length;
  const warnings = findings.length - errors;
  return [plural(errors, 'error'), plural(warnings, 'warning')].filter((text) => text !== '').join(' and ');
}

function plural(count: number, word: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

function first(findings: readonly Finding[]): string {
  const [finding] = findings;
  if (finding === undefined) return '';
  const place = finding.path === null ? '' : `: ${finding.path}`;
  return `${lowerFirst(finding.title)}${place}`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}

/** The best route works, but something is missing on the host as it is now. */
function notYet(route: JudgedRoute, context: VerdictContext, found: string): string {
  const missing = notReady(route);
  const unmet = missing.filter((requirement) => requirement.met === false);
  const clause =
    unmet.length > 0
      ? `not there yet: ${unmet.map((requirement) => requirement.text).join('; ')}`
      : `it is not known whether this is there: ${missing.map((requirement) => requirement.text).join('; ')}`;
  const why = mismatch(context);
  const head = `${NEEDS[route.kind]}${throughOf(route)} on ${context.host.title}${found}: ${why}${clause}`;
  return `${head}${setupOf(unmet.length > 0 ? unmet : missing)}.`;
}

/** Why it does not simply run: another system or another architecture. */
function mismatch({ image, host }: VerdictContext): string {
  const { os, architecture } = image.platform;
  if (os !== host.os) return `the image is ${platformOf(image.platform)} and this host ${host.os}; `;
  return architecture === host.architecture ? '' : `the image is ${architecture} and this host ${host.architecture}; `;
}

/** The remedy of the first thing that has to be set up. */
function setupOf(requirements: readonly RouteRequirement[]): string {
  const remedy = requirements.find((requirement) => requirement.remedy !== null)?.remedy ?? null;
  if (remedy === null) return '';
  return ` — ${asCommand(remedy)}`;
}

/** A remedy that starts like a command is shown as one. */
function asCommand(remedy: string): string {
  return /^(&|[a-z][a-z0-9.-]*) (?!.*`)/.test(remedy) ? `run \`${remedy}\`` : withoutStop(remedy);
}

function withoutStop(text: string): string {
  return text.replace(/[.:\s]+$/, '');
}

function blocked({ routes, context }: Decision): string {
  const { host } = context;
  const [best] = routes;
  if (best === undefined) {
    return `Blocked: there is no way to run a ${platformText(context)} image on ${host.title}.`;
  }
  const finding = decisiveBlocker(routes);
  if (finding !== null) return `Blocked on ${host.title}: ${reasonOf(finding)}${remedyOf(finding.remedies)}.`;
  const unmet = best.requires.find((requirement) => !requirement.setup && requirement.met === false);
  if (unmet === undefined) return `Blocked on ${host.title}.`;
  return `Blocked on ${host.title}: ${mismatch(context)}it would take ${unmet.text}${setupOf([unmet])}.`;
}

/**
 * Areas of rules in the order in which a machine meets them: system, processor, program file, loader, then what the
 * program asks for. What comes first hides the rest, so it is the reason that is named.
 */
const AREAS = ['os', 'windows', 'image', 'arch', 'format', 'script', 'loader', 'libraries', 'kernel', 'ecosystem'];

function areaRank({ area }: Finding): number {
  const at = AREAS.indexOf(area);
  return at < 0 ? AREAS.length : at;
}

function byArea(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((left, right) => areaRank(left) - areaRank(right));
}

/** A blocker that closes every route says more than one that closes only the best. */
function decisiveBlocker(routes: readonly JudgedRoute[]): Finding | null {
  const [best] = routes;
  if (best === undefined) return null;
  const blockers = byArea(blockersOf(best));
  const everywhere = blockers.find((finding) =>
    routes.every((route) => blockersOf(route).some((other) => other.ruleId === finding.ruleId)),
  );
  return everywhere ?? blockers[0] ?? null;
}

function blockersOf(route: JudgedRoute): readonly Finding[] {
  return route.findings.filter((finding) => finding.severity === 'blocker' && finding.truth === 'yes');
}

/** The first sentence of a message. */
function reasonOf(finding: Finding): string {
  const sentence = /^.*?[.](?=\s+[A-Z`]|$)/s.exec(finding.message)?.[0] ?? finding.message;
  return withoutStop(sentence);
}

function remedyOf(remedies: readonly Remedy[]): string {
  const [remedy] = remedies;
  if (remedy === undefined) return '';
  return remedy.command === null
    ? ` — ${withoutStop(remedy.text)}`
    : ` — ${withoutStop(remedy.text)}: \`${remedy.command}\``;
}

function undetermined({ routes, context }: Decision): string {
  const { host } = context;
  const route = routes.find((candidate) => candidate.works === null);
  const blockers = route?.findings.filter((one) => one.severity === 'blocker' && one.truth === 'unknown') ?? [];
  const [finding] = byArea(blockers);
  if (finding !== undefined) return `Undetermined on ${host.title}: ${withoutStop(lowerFirst(finding.message))}.`;
  const requirement = route?.requires.find((one) => !one.setup && one.met === null);
  const missing = requirement === undefined ? '' : `: the profile does not say whether there is ${requirement.text}`;
  return `Undetermined on ${host.title}${missing}.`;
}
