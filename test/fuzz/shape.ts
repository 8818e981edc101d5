/** Members whose words say which way a reader took. */
const TELLING = new Set([
  'kind',
  'part',
  'field',
  'format',
  'head',
  'type',
  'reason',
  'code',
  'outcome',
  'executedAs',
  'certainty',
  'form',
  'machine',
  'message',
]);
const MAX_NODES = 400;
const MAX_MEMBERS = 12;

/**
 * A number for the way that a reader took: which gaps, which kinds, how many of what by powers of two. An input with a
 * shape that was not seen before is kept as a start for more, which is what coverage is used for elsewhere.
 */
export function shapeOf(value: unknown): number {
  const state = { hash: 0x811c9dc5, nodes: 0 };
  visit(value, '', state);
  return state.hash;
}

interface State {
  hash: number;
  nodes: number;
}

function mix(state: State, text: string): void {
  for (let index = 0; index < text.length; index++) {
    state.hash = Math.imul(state.hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
}

function visit(value: unknown, key: string, state: State): void {
  state.nodes += 1;
  if (state.nodes > MAX_NODES) return;
  if (value === null || typeof value !== 'object') {
    mix(state, leaf(value, key));
    return;
  }
  if (value instanceof Uint8Array) {
    mix(state, `b${Math.clz32(value.length)}`);
    return;
  }
  const members: readonly unknown[] | null = Array.isArray(value) ? value : null;
  const entries =
    members === null ? Object.entries(value) : members.slice(0, MAX_MEMBERS).map((item) => ['', item] as const);
  mix(state, `${key}[${32 - Math.clz32(members?.length ?? entries.length)}`);
  for (const [name, item] of entries.slice(0, MAX_MEMBERS * 3)) visit(item, name, state);
}

function leaf(value: unknown, key: string): string {
  if (typeof value === 'string')
    return TELLING.has(key) ? `${key}=${value.replaceAll(/\d+/g, '#').slice(0, 60)}` : value === '' ? 'e' : 's';
  return value === null ? 'n' : typeof value === 'boolean' ? String(value) : 'v';
}

/** The same value as text, for comparing two runs. */
export function textOf(value: unknown): string {
  return JSON.stringify([value], (_, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member));
}
