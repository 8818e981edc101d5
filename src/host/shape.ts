/**
 * Shapes of data files: what a value may be, as data. One reader serves host profiles and route files, and the paths
 * that conditions may name are walked over the same shapes, so a key is written down once.
 */
export type Shape =
  | TextShape
  | WordShape
  | { readonly kind: 'number' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'any' }
  | { readonly kind: 'nullable'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape }
  /** Keys are free: sysctls, devices. */
  | { readonly kind: 'map'; readonly of: Shape }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Shape>>; readonly required: readonly string[] };

interface TextShape {
  readonly kind: 'text';
}
interface WordShape {
  readonly kind: 'word';
  readonly words: readonly string[];
}

/** The shape that a type must have; a field that the type gains or loses fails to compile where its shape stands. */
export type ShapeOf<T> = null extends T
  ? { readonly kind: 'nullable'; readonly of: ShapeOf<Exclude<T, null>> }
  : [T] extends [string]
    ? TextShape | WordShape
    : [T] extends [number]
      ? { readonly kind: 'number' }
      : [T] extends [boolean]
        ? { readonly kind: 'flag' }
        : T extends readonly (infer Element)[]
          ? { readonly kind: 'list'; readonly of: ShapeOf<Element> }
          : string extends keyof T
            ? { readonly kind: 'map'; readonly of: ShapeOf<T[keyof T]> }
            : {
                readonly kind: 'object';
                readonly fields: { readonly [K in keyof T]-?: ShapeOf<Exclude<T[K], undefined>> };
                readonly required: readonly (keyof T & string)[];
              };

export const text = { kind: 'text' } as const;
export const number = { kind: 'number' } as const;
export const flag = { kind: 'flag' } as const;
export const anything = { kind: 'any' } as const;
export const words = (...list: readonly string[]) => ({ kind: 'word', words: list }) as const;
export const listOf = <S extends Shape>(of: S) => ({ kind: 'list', of }) as const;
export const mapOf = <S extends Shape>(of: S) => ({ kind: 'map', of }) as const;
export const nullable = <S extends Shape>(of: S) => ({ kind: 'nullable', of }) as const;
export const object = <F extends Readonly<Record<string, Shape>>>(
  fields: F,
  required: readonly (keyof F & string)[] = [],
) => ({ kind: 'object', fields, required }) as const;

export const toCamel = (key: string): string =>
  key.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
export const toKebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export type Path = readonly (string | number)[];

/** What is wrong, and at which key or value of the file. */
export interface ShapeProblem {
  /** Keys as the file spells them. */
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
}

export interface ShapeContext {
  readonly problems: ShapeProblem[];
  /** The digits as written, for a text that YAML reads as a number (`6.10`). */
  readonly sourceOf: (path: Path) => string | undefined;
}

/** The value with its keys in camelCase; what does not fit goes to `context.problems`. */
export function readShape(value: unknown, shape: Shape, path: Path, context: ShapeContext): unknown {
  if (shape.kind === 'nullable') return value === null ? null : readShape(value, shape.of, path, context);
  const read = readKind(value, shape, path, context);
  if (read !== MISFIT) return read;
  context.problems.push({ path, at: 'value', message: `expected ${expectation(shape)}, found ${describe(value)}` });
  return undefined;
}

/** Stands for a value that does not fit; `undefined` would not do, a JavaScript caller may pass it in. */
const MISFIT = Symbol('misfit');

function readKind(
  value: unknown,
  shape: Exclude<Shape, { kind: 'nullable' }>,
  path: Path,
  context: ShapeContext,
): unknown {
  switch (shape.kind) {
    case 'any':
      return value;
    case 'list':
    case 'map':
    case 'object':
      return readParts(value, shape, path, context);
    case 'text':
      return readText(value, path, context) ?? MISFIT;
    case 'word':
    case 'number':
    case 'flag':
      return fitsScalar(value, shape) ? value : MISFIT;
  }
}

function fitsScalar(value: unknown, shape: Extract<Shape, { kind: 'word' | 'number' | 'flag' }>): boolean {
  switch (shape.kind) {
    case 'word':
      return typeof value === 'string' && shape.words.includes(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'flag':
      return typeof value === 'boolean';
  }
}

function readParts(
  value: unknown,
  shape: Extract<Shape, { kind: 'list' | 'map' | 'object' }>,
  path: Path,
  context: ShapeContext,
): unknown {
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return MISFIT;
    return value.map((element, index) => readShape(element, shape.of, [...path, index], context));
  }
  if (!isTree(value)) return MISFIT;
  if (shape.kind === 'object') return readObject(value, shape, path, context);
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [key, readShape(element, shape.of, [...path, key], context)]),
  );
}

function expectation(shape: Shape): string {
  switch (shape.kind) {
    case 'word':
      return `one of ${shape.words.map((word) => `\`${word}\``).join(', ')}`;
    case 'flag':
      return 'true or false';
    case 'list':
      return 'a list';
    case 'number':
      return 'a number';
    case 'text':
      return 'text';
    case 'map':
    case 'object':
      return 'keys with values';
    case 'nullable':
      return expectation(shape.of);
    case 'any':
      return 'a value';
  }
}

function readText(value: unknown, path: Path, context: ShapeContext): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? (context.sourceOf(path) ?? String(value)) : undefined;
}

function readObject(
  value: Readonly<Record<string, unknown>>,
  shape: Extract<Shape, { kind: 'object' }>,
  path: Path,
  context: ShapeContext,
): unknown {
  const read = new Map<string, unknown>();
  for (const [key, element] of Object.entries(value)) {
    const name = toCamel(key);
    const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    const at = [...path, key];
    if (field === undefined) {
      const close = nearest(key, Object.keys(shape.fields).map(toKebab));
      const hint = close === null ? '' : `; did you mean \`${close}\`?`;
      context.problems.push({ path: at, at: 'key', message: `unknown key \`${key}\`${hint}` });
    } else if (read.has(name)) {
      context.problems.push({ path: at, at: 'key', message: `key \`${key}\` is there twice` });
    } else {
      read.set(name, readShape(element, field, at, context));
    }
  }
  for (const name of shape.required) {
    if (!read.has(name)) context.problems.push({ path, at: 'value', message: `key \`${toKebab(name)}\` is missing` });
  }
  return Object.fromEntries(read);
}

/** True where the value fits the shape; keys in camelCase. */
export function matches(value: unknown, shape: Shape): boolean {
  const problems: ShapeProblem[] = [];
  readShape(value, shape, [], { problems, sourceOf: () => undefined });
  return problems.length === 0;
}

/** The same for a shape that belongs to a type. */
export function fits<T>(value: unknown, shape: ShapeOf<T> & Shape): value is T {
  return matches(value, shape);
}

export function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Longer words are not compared: an edit distance costs the product of the lengths. */
const MAX_COMPARED_LENGTH = 64;

/** The known name that `name` was most likely meant to be; null where none is near. */
export function nearest(name: string, known: readonly string[]): string | null {
  if (name.length > MAX_COMPARED_LENGTH) return null;
  const folded = toKebab(name);
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(folded, candidate) }))
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate, 'en'));
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function describe(value: unknown): string {
  if (value === null) return 'nothing (`null`)';
  if (Array.isArray(value)) return 'a list';
  if (isTree(value)) return 'keys with values';
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return `\`${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}\``;
}
