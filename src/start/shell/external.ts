import type { Outcome, Place, Runner, ShellCommand } from './run.js';
import type { Field, Scope } from './scope.js';

/** A command line after expansion. */
export interface Call {
  readonly argv: readonly Field[];
  readonly at: number;
  readonly text: string;
  readonly assigned: ReadonlyMap<string, string | null>;
  readonly sure: boolean;
}

/** Reports a command to the host. */
export function external({ host }: Runner, call: Call, scope: Scope, place: Place, how: ShellCommand['how']): Outcome {
  const [first] = call.argv;
  const result = how === 'replaces' ? 'stopped' : 'hoped';
  if (first?.known !== true) {
    host.notFollowed(`the command of \`${call.text}\` depends on what is not known`, call.at);
    return result;
  }
  const surely = place.certainty === 'certain' && call.sure && (how !== 'passing' || scope.errexit);
  host.run({
    argv: call.argv,
    how,
    certainty: surely ? 'certain' : 'likely',
    at: call.at,
    text: call.text,
    environment: environmentFor(scope, call.assigned),
    workingDir: scope.workingDir,
  });
  return result;
}

function environmentFor(scope: Scope, assigned: Call['assigned']): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const name of scope.exported) {
    const value = scope.variables.get(name);
    if (typeof value === 'string') environment[name] = value;
  }
  for (const [name, value] of assigned) if (value !== null) environment[name] = value;
  return environment;
}
