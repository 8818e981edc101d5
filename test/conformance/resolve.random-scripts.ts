/** Random shell scripts whose every condition can be decided from arguments and environment. */
export interface RandomScript {
  readonly text: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Names of programs that scripts execute; each only writes down how it was called. */
export const STUBS: readonly string[] = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'];

const WORDS = [
  'a', '"$1"', '$2', '"$@"', '$*', '"$X"', '$X', '${Y:-d}', '"${Y}z"', '${1#a}', '${X%.*}', '"${2:-q r}"', "'s t'", '$#',
  '${X:+set}', '"a b"$1', '"x$@y"', '$(echo hi)', '`basename /u/v`', '"$(dirname /a/b/c)"', '${3-none}', '"${X##*.}"',
  '\\$X', '"\\"q\\""', '$Z', '${Z}',
]; // prettier-ignore
const CONDITIONS = [
  '[ "$1" = a ]', '[ -n "$X" ]', '[ -z "$Y" ]', '[ $# -gt 2 ]', '[ "$X" != "$1" -o "$2" = b ]', '! [ "$1" = b ]', 'true',
  'false', 'test "${1#-}" != "$1"', 'command -v p1 >/dev/null', '{ [ "$2" = b ]; }', '[ -n "$X" ] && [ "$1" = a ]',
  '[ -z "$X" ] || command -v nope >/dev/null',
]; // prettier-ignore
const ARGUMENTS = [['p1', 'a'], ['a', 'b'], ['p2', 'x y', 'a'], ['p3'], ['b', 'v.w', 'c']]; // prettier-ignore
const ENVIRONMENTS: readonly Readonly<Record<string, string>>[] = [{}, { X: 'e.f' }, { Y: 'from env', X: '' }];
const DEEPEST = 4;

/** Numbers that a seed decides (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export function randomScript(seed: number): RandomScript {
  const next = numbers(seed);
  const pick = <T>(from: readonly T[]): T => {
    const value = from[next(from.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  const words = (): string => Array.from({ length: next(3) }, () => pick(WORDS)).join(' ');
  const run = (): string => `${pick(STUBS)} ${words()}`;
  const list = (depth: number, calls: boolean): string =>
    Array.from({ length: 1 + next(3) }, () => statement(depth, calls)).join('\n');
  const compounds: readonly ((depth: number, calls: boolean) => string)[] = [
    (depth, calls) => `if ${pick(CONDITIONS)}; then\n${list(depth, calls)}\nelse\n${list(depth, calls)}\nfi`,
    (depth, calls) => `if ${pick(CONDITIONS)}; then\n${list(depth, calls)}\nfi`,
    (depth, calls) => `case "$1" in\na|x) ${list(depth, calls)} ;;\nv.*|b*) ${list(depth, calls)} ;;\nesac`,
    (depth, calls) => `case $X in\n*.w) ${list(depth, calls)} ;;\n*) ${list(depth, calls)} ;;\nesac`,
    (depth, calls) => `( ${list(depth, calls)}\n)`,
    (depth, calls) => `{ ${list(depth, calls)}\n}`,
    (_, calls) => (calls ? `f${next(2)} ${words()}` : run()),
  ];
  const simple: readonly (() => string)[] = [
    run,
    run,
    () => `X=${pick(['v.w', '"$1"', '', 'a.b.c', '$Y', '"$X$X"'])}`,
    () => pick(['set -- b "c d" e', 'set -- "$@" z', 'set -- p5 "$@"', 'export X', 'Y="$2"', '[ $# -gt 0 ] && shift']),
    () => `${pick(CONDITIONS)} && ${run()}`,
    () => `${pick(CONDITIONS)} || ${run()}`,
    () => (next(4) === 0 ? `exec ${run()}` : `${run()} # note`),
  ];
  const statement = (depth: number, calls: boolean): string =>
    depth < DEEPEST && next(2) === 0 ? pick(compounds)(depth + 1, calls) : pick(simple)();
  const functions = ['f0', 'f1'].map((name) => `${name}() {\n${list(2, false)}\n}`);
  const end = pick(['exec "$@"', 'exec p5 "$@"', 'p5 end', '']);
  const text = [...functions, next(2) === 0 ? 'set -e' : '', list(0, true), list(0, true), end, ''].join('\n');
  return { text, args: pick(ARGUMENTS), environment: pick(ENVIRONMENTS) };
}
