import { err, ok, type Result } from '../model/result.js';
import type { RouteId } from '../model/verdict.js';
import { readDocument, type ProfileError, type ReadDocument } from '../host/document.js';
import { guest as guestShape } from '../host/profile-shape.js';
import {
  anything,
  flag,
  listOf,
  mapOf,
  matches,
  nearest,
  number,
  object,
  text,
  toCamel,
  toKebab,
  words,
  type Path,
} from '../host/shape.js';
import type { GuestSpec, RequirementSpec, RouteCase, RouteDefinition, Way } from './definition.js';
import { pairFacts } from './pair.js';
import { parseCondition, type ConditionContext } from './parse-condition.js';
import { checkText, parseFields } from './template.js';

const ROUTE_IDS = [
  'native',
  'hyper-v',
  'wsl2',
  'linux-vm',
  'windows-vm',
  'rosetta',
  'qemu-user',
  'wine',
] as const satisfies readonly RouteId[];

const requirement = object({ id: text, when: anything, expect: anything, setup: flag, text, remedy: text }, [
  'id',
  'expect',
  'text',
]);
const guestPart = object(
  { base: words('host', 'vm', 'none'), vmKind: text, defaults: mapOf(anything), set: mapOf(anything) },
  ['base'],
);
const way = object({ name: text, for: anything, requires: listOf(requirement), guest: guestPart }, [
  'name',
  'for',
  'guest',
]);
const routeCase = object(
  {
    name: text,
    image: mapOf(anything),
    host: anything,
    expect: words('works', 'closed', 'unknown', 'none'),
    ready: flag,
    guest: anything,
    unmet: listOf(text),
  },
  ['name', 'image', 'host', 'expect'],
);
const routeFile = object(
  {
    id: words(...ROUTE_IDS),
    title: text,
    kind: words('native', 'emulation', 'vm'),
    preference: number,
    ways: listOf(way),
    references: listOf(object({ title: text, url: text }, ['title', 'url'])),
    cases: listOf(routeCase),
  },
  ['id', 'title', 'kind', 'preference', 'ways', 'references', 'cases'],
);

/** A route file after its shape was checked, before its conditions were read. */
interface RawRoute extends Pick<RouteDefinition, 'id' | 'title' | 'kind' | 'preference' | 'references'> {
  readonly ways: readonly RawWay[];
  readonly cases: readonly RawCase[];
}
interface RawWay {
  readonly name: string;
  readonly for: unknown;
  readonly requires?: readonly RawRequirement[];
  readonly guest: {
    readonly base: GuestSpec['base'];
    readonly vmKind?: string;
    readonly defaults?: Readonly<Record<string, unknown>>;
    readonly set?: Readonly<Record<string, unknown>>;
  };
}
interface RawRequirement {
  readonly id: string;
  readonly when?: unknown;
  readonly expect: unknown;
  readonly setup?: boolean;
  readonly text: string;
  readonly remedy?: string;
}
interface RawCase extends Pick<RouteCase, 'name' | 'image' | 'expect'> {
  readonly host?: unknown;
  readonly ready?: boolean;
  readonly guest?: unknown;
  readonly unmet?: readonly string[];
}

/** Reads a route file; every condition and text in it is checked, so that a route which loads cannot fail later. */
export function parseRoute(source: string, file: string): Result<RouteDefinition, ProfileError[]> {
  const read = readDocument(source, file, routeFile);
  if (!read.ok) return read;
  const { value, errorAt } = read.value;
  if (!isRawRoute(value)) return err([errorAt([], 'is no route')]);
  const errors: ProfileError[] = [];
  const context = contextOf(read.value, errors);
  const ways = value.ways.map((part, index) => readWay(part, ['ways', index], context));
  if (value.ways.length === 0) context.report(['ways'], 'a route has at least one way');
  if (errors.length > 0) return err(errors);
  return ok({ ...value, ways, cases: value.cases.map(readCase) });
}

// `readDocument` has checked it; the predicate only names the outcome, because shapes with conditions have no type.
function isRawRoute(value: unknown): value is RawRoute {
  return matches(value, routeFile);
}

const contextOf = (document: ReadDocument, errors: ProfileError[]): ConditionContext => ({
  facts: pairFacts,
  bound: {},
  report: (path, message) => errors.push(document.errorAt(path, message)),
});

function readWay(part: RawWay, path: Path, context: ConditionContext): Way {
  return {
    name: part.name,
    for: parseCondition(part.for, [...path, 'for'], context),
    requires: (part.requires ?? []).map((item, index) => readRequirement(item, [...path, 'requires', index], context)),
    guest: readGuest(part.guest, [...path, 'guest'], context),
  };
}

function readRequirement(item: RawRequirement, path: Path, context: ConditionContext): RequirementSpec {
  checkText(item.text, [...path, 'text'], context);
  if (item.remedy !== undefined) checkText(item.remedy, [...path, 'remedy'], context);
  if (item.setup === true && item.remedy === undefined) context.report(path, 'what can be set up needs a `remedy`');
  return {
    id: item.id,
    when: item.when === undefined ? null : parseCondition(item.when, [...path, 'when'], context),
    expect: parseCondition(item.expect, [...path, 'expect'], context),
    setup: item.setup ?? false,
    text: item.text,
    remedy: item.remedy ?? null,
  };
}

function readGuest(part: RawWay['guest'], path: Path, context: ConditionContext): GuestSpec {
  const fields = (key: 'defaults' | 'set'): GuestSpec['set'] => {
    const written = part[key] ?? {};
    for (const name of Object.keys(written)) checkGuestKey(name, [...path, key, name], context);
    return parseFields(written, [...path, key], context);
  };
  return { base: part.base, vmKind: part.vmKind ?? null, defaults: fields('defaults'), set: fields('set') };
}

function checkGuestKey(name: string, path: Path, context: ConditionContext): void {
  const known = Object.keys(guestShape.fields);
  if (known.includes(toCamel(name))) return;
  const close = nearest(name, known.map(toKebab));
  context.report(path, `a guest has no \`${name}\`${close === null ? '' : `; did you mean \`${close}\`?`}`);
}

function readCase(item: RawCase): RouteCase {
  return {
    name: item.name,
    image: item.image,
    host: item.host,
    expect: item.expect,
    ready: item.ready ?? null,
    guest: item.guest ?? null,
    unmet: item.unmet ?? null,
  };
}

/** Reads several route files, in order of preference. */
export function loadRoutes(
  files: readonly { readonly path: string; readonly text: string }[],
): Result<readonly RouteDefinition[], ProfileError[]> {
  const errors: ProfileError[] = [];
  const routes: RouteDefinition[] = [];
  for (const file of files) {
    const read = parseRoute(file.text, file.path);
    if (!read.ok) errors.push(...read.error);
    else if (routes.some((route) => route.id === read.value.id)) {
      errors.push({ file: file.path, line: 1, column: 1, message: `route \`${read.value.id}\` is there twice` });
    } else routes.push(read.value);
  }
  return errors.length > 0 ? err(errors) : ok(routes.sort((a, b) => a.preference - b.preference));
}
