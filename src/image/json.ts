import { err, ok, type Result } from '../model/result.js';

/** Why a JSON document is not what it should be. `path` is a JSON path: `$.layers[2].digest`. */
export interface DocumentError {
  readonly path: string;
  readonly expected: string;
  /** What stands there, cut to a few characters. */
  readonly found: string;
}

/** Bytes of one manifest, index or configuration; registries refuse manifests over 4 MiB, configurations are rarely one. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** Objects and lists inside one another. */
export const MAX_DOCUMENT_DEPTH = 64;
/** Members of one list or object. */
export const MAX_MEMBERS = 100_000;

/** `$.layers[2].digest is 3, expected a digest` */
export function describeDocumentError(error: DocumentError): string {
  return `${error.path} is ${error.found}, expected ${error.expected}`;
}

/** A value of a document with its place. */
export interface Node {
  readonly value: unknown;
  readonly path: string;
}

/** Carries a fault to the door of the reader; never leaves this folder. */
class DocumentFault extends Error {
  readonly fault: DocumentError;
  constructor(fault: DocumentError) {
    super(describeDocumentError(fault));
    this.fault = fault;
  }
}

/** Parses a document and reads it with `read`; what is wrong with it becomes the error. */
export function readDocument<T>(bytes: Uint8Array, read: (root: Node) => T): Result<T, DocumentError> {
  try {
    return ok(read({ value: parse(bytes), path: '$' }));
  } catch (cause) {
    if (cause instanceof DocumentFault) return err(cause.fault);
    throw cause;
  }
}

export function fault(node: Node, expected: string): DocumentFault {
  return new DocumentFault({ path: node.path, expected, found: shown(node.value) });
}

/**
 * A member of an object; undefined value where it is missing. Engines read these documents with Go's encoding/json,
 * which takes a name in another case where the exact one is missing.
 */
export function member(node: Node, name: string): Node {
  const path = `${node.path}.${name}`;
  if (!isObject(node.value)) throw fault(node, 'an object');
  if (Object.hasOwn(node.value, name)) return { value: node.value[name], path };
  const wanted = name.toLowerCase();
  const other = Object.keys(node.value).findLast((key) => key.toLowerCase() === wanted);
  return { value: other === undefined ? undefined : node.value[other], path };
}

/** True where a member is missing or null. */
export function isMissing(node: Node): boolean {
  return node.value === undefined || node.value === null;
}

/** Null where the value is missing or null. */
export function optional<T>(node: Node, read: (node: Node) => T): T | null {
  return isMissing(node) ? null : read(node);
}

export function text(node: Node): string {
  if (typeof node.value !== 'string') throw fault(node, 'a string');
  return node.value;
}

export function flag(node: Node): boolean {
  if (typeof node.value !== 'boolean') throw fault(node, 'true or false');
  return node.value;
}

/** A size in bytes: whole, not negative, exact. */
export function size(node: Node): number {
  if (typeof node.value !== 'number' || !Number.isSafeInteger(node.value) || node.value < 0) {
    throw fault(node, 'a whole number that is not negative');
  }
  return node.value;
}

/** Empty where the list is missing or null. */
export function list<T>(node: Node, read: (node: Node) => T): T[] {
  if (isMissing(node)) return [];
  if (!Array.isArray(node.value)) throw fault(node, 'a list');
  const members: readonly unknown[] = node.value;
  if (members.length > MAX_MEMBERS) throw fault(node, `at most ${MAX_MEMBERS} members`);
  return members.map((value, index) => read({ value, path: `${node.path}[${index}]` }));
}

/** Members of an object by name; empty where it is missing or null. */
export function record<T>(node: Node, read: (node: Node) => T): Record<string, T> {
  if (isMissing(node)) return {};
  if (!isObject(node.value)) throw fault(node, 'an object');
  const members = Object.entries(node.value);
  if (members.length > MAX_MEMBERS) throw fault(node, `at most ${MAX_MEMBERS} members`);
  return Object.fromEntries(
    members.map(([key, value]) => [key, read({ value, path: `${node.path}[${JSON.stringify(key)}]` })]),
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(bytes: Uint8Array): unknown {
  const whole: Node = { value: `${bytes.length} bytes`, path: '$' };
  if (bytes.length > MAX_DOCUMENT_BYTES) throw fault(whole, `at most ${MAX_DOCUMENT_BYTES} bytes`);
  const source = new TextDecoder('utf-8').decode(bytes);
  if (depthOf(source) > MAX_DOCUMENT_DEPTH) throw fault(whole, `at most ${MAX_DOCUMENT_DEPTH} levels`);
  try {
    const value: unknown = JSON.parse(source);
    return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw fault({ value: source, path: '$' }, 'a JSON document');
  }
}

/** How deep brackets stand inside one another, strings left out. */
function depthOf(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at];
    if (character === '"') at = stringEnd(source, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function stringEnd(source: string, start: number): number {
  let at = start + 1;
  while (at < source.length && source[at] !== '"') at += source[at] === '\\' ? 2 : 1;
  return at;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  const written = JSON.stringify(value);
  return written.length > 40 ? `${written.slice(0, 40)}…` : written;
}
