import type { Command } from './parser.js';

/** One word after expansion. What is not known keeps its text as written. */
export interface Field {
  readonly text: string;
  readonly known: boolean;
}

/** What a shell knows at one place of a script. */
export interface Scope {
  /** null: it has a value that cannot be told. Names that are not there are not set. */
  readonly variables: Map<string, string | null>;
  /** Names that commands get in their environment. */
  readonly exported: Set<string>;
  readonly functions: Map<string, Command>;
  /** `$1` and those behind it. */
  positional: readonly Field[];
  /** False where a branch that may be taken changes `$@`. */
  positionalSure: boolean;
  /** `$0` */
  readonly name: string;
  /** null: a `cd` led to a place that cannot be told. */
  workingDir: string | null;
  /** `set -e` */
  errexit: boolean;
}

/** A copy for a branch that may or may not be taken. */
export function copyScope(scope: Scope): Scope {
  return {
    ...scope,
    variables: new Map(scope.variables),
    exported: new Set(scope.exported),
    functions: new Map(scope.functions),
  };
}

/** What is known after branches of which one was taken: what they agree on. */
export function mergeScopes(scope: Scope, taken: readonly Scope[]): void {
  const [first] = taken;
  if (first === undefined) return;
  const names = new Set(taken.flatMap(({ variables }) => [...variables.keys()]));
  for (const name of names) {
    const values = taken.map(({ variables }) => variables.get(name));
    const [value] = values;
    const same = values.every((each) => each === value);
    if (same && value !== undefined) scope.variables.set(name, value);
    else if (!same) scope.variables.set(name, null);
  }
  for (const each of taken) {
    for (const name of each.exported) scope.exported.add(name);
    for (const [name, body] of each.functions) scope.functions.set(name, body);
  }
  // The last is the way past all branches: of two argument lists, that is the one the image is started with.
  const last = taken.at(-1) ?? first;
  const samePositional = taken.every(({ positional }) => sameFields(positional, last.positional));
  scope.positional = last.positional;
  scope.positionalSure = samePositional && taken.every(({ positionalSure }) => positionalSure);
  scope.workingDir = taken.every(({ workingDir }) => workingDir === last.workingDir) ? last.workingDir : null;
  scope.errexit = taken.every(({ errexit }) => errexit);
}

function sameFields(left: readonly Field[], right: readonly Field[]): boolean {
  return left.length === right.length && left.every(({ text }, index) => text === right[index]?.text);
}
