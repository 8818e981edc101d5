import { MAX_CALLS, MAX_PATTERN_CHARACTERS, MAX_SUBSTITUTIONS } from '../limits.js';
import { evaluateTest } from './condition.js';
import { expandValue } from './expand.js';
import { parseScript } from './parser.js';
import { external, type Call } from './external.js';
import { runItems, type Outcome, type Place, type Runner, type ShellHost } from './run.js';
import type { Field, Scope } from './scope.js';

type Builtin = (runner: Runner, call: Call, scope: Scope, place: Place) => Outcome;

const quiet: Builtin = () => 'yes';
const unknown: Builtin = () => 'unknown';

/** Commands that a shell carries out itself (POSIX, 2.14 "Special Built-In Utilities", and the common ones of 1.6). */
const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', quiet],
  ['true', quiet],
  ['false', () => 'no'],
  ['echo', quiet],
  ['printf', quiet],
  ['trap', quiet],
  ['umask', quiet],
  ['ulimit', quiet],
  ['wait', quiet],
  ['shopt', quiet],
  ['alias', quiet],
  ['hash', quiet],
  ['let', unknown],
  ['kill', unknown],
  ['jobs', unknown],
  ['break', unknown],
  ['continue', unknown],
  ['read', readVariables],
  ['getopts', readVariables],
  ['unset', unset],
  ['export', declare],
  ['declare', declare],
  ['typeset', declare],
  ['local', declare],
  ['readonly', declare],
  ['set', set],
  ['shift', shift],
  ['cd', changeDirectory],
  ['pushd', changeDirectory],
  ['popd', (_runner, _call, scope) => ((scope.workingDir = null), 'yes')],
  ['exit', (_runner, call) => (/^0*[1-9]/.test(call.argv[1]?.text ?? '') ? 'failed' : 'stopped')],
  ['return', returnFrom],
  ['exec', exec],
  ['command', command],
  ['builtin', command],
  ['type', which],
  ['which', which],
  ['eval', evaluate],
  ['.', source],
  ['source', source],
  ['[', test],
  ['test', test],
]);

/** `return` ends a function or a file, not the script: what follows the call is still reached. */
function returnFrom(): Outcome {
  return 'unknown';
}

function readVariables(_runner: Runner, call: Call, scope: Scope): Outcome {
  for (const { text } of call.argv.slice(1)) if (/^[A-Za-z_]\w*$/.test(text)) scope.variables.set(text, null);
  return 'unknown';
}

function unset(_runner: Runner, call: Call, scope: Scope): Outcome {
  for (const { text } of call.argv.slice(1)) {
    scope.variables.delete(text);
    scope.exported.delete(text);
  }
  return 'yes';
}

/** `export NAME=value …`; the words were expanded as arguments, which keeps quoted blanks. */
function declare(_runner: Runner, call: Call, scope: Scope): Outcome {
  const exports = call.argv[0]?.text === 'export' || call.argv.some(({ text }) => /^-\w*x/.test(text));
  for (const { text, known } of call.argv.slice(1)) {
    const [, name, value] = /^([A-Za-z_]\w*)(?:\+?=([^]*))?$/.exec(text) ?? [];
    if (name === undefined) continue;
    if (value !== undefined) scope.variables.set(name, known ? value : null);
    else if (!scope.variables.has(name) && call.argv[0]?.text === 'local') scope.variables.set(name, '');
    if (exports) scope.exported.add(name);
  }
  return 'yes';
}

function set(_runner: Runner, call: Call, scope: Scope): Outcome {
  const words = call.argv.slice(1).map(({ text }) => text);
  let index = 0;
  for (let text = words[0]; text !== undefined && text !== '--' && /^[-+]\w/.test(text); text = words[index]) {
    const named = /^[-+]\w*o$/.test(text);
    const value = words[index + 1];
    if (/^-\w*e/.test(text) || (named && value === 'errexit')) scope.errexit = text.startsWith('-');
    index += named ? 2 : 1;
  }
  if (words[index] === '--') scope.positional = call.argv.slice(index + 2);
  else if (index < words.length) scope.positional = call.argv.slice(index + 1);
  return 'yes';
}

function shift(_runner: Runner, call: Call, scope: Scope): Outcome {
  const count = call.argv[1]?.text ?? '1';
  if (!/^\d{1,4}$/.test(count)) {
    scope.positionalSure = false;
    return 'unknown';
  }
  // dash ends the script where there are fewer, bash goes on with what there is.
  if (Number(count) > scope.positional.length) return 'no';
  scope.positional = scope.positional.slice(Number(count));
  return 'yes';
}

function changeDirectory(_runner: Runner, call: Call, scope: Scope): Outcome {
  const target = call.argv.slice(1).find(({ text }) => !/^-[LPe]+$/.test(text) && text !== '--');
  const home = scope.variables.get('HOME') ?? null;
  const field: Field | null = target ?? (home === null ? null : { text: home, known: true });
  scope.workingDir = field?.known === true ? joinPath(scope.workingDir, field.text) : null;
  return 'hoped';
}

function joinPath(base: string | null, path: string): string | null {
  if (path.startsWith('/')) return path;
  if (path === '-' || base === null) return null;
  return `${base === '/' ? '' : base}/${path}`;
}

/** exec(1): `exec -a name -c -l command`; without a command it only redirects. */
function exec(runner: Runner, call: Call, scope: Scope, place: Place): Outcome {
  let index = 1;
  while (/^-[cla]+$/.test(call.argv[index]?.text ?? '')) index += call.argv[index]?.text.includes('a') === true ? 2 : 1;
  if (call.argv[index]?.text === '--') index += 1;
  const argv = call.argv.slice(index);
  if (argv.length === 0) return 'yes';
  return external(runner, { ...call, argv }, scope, place, 'replaces');
}

function command(runner: Runner, call: Call, scope: Scope, place: Place): Outcome {
  const option = call.argv[1]?.text ?? '';
  if (/^-[vV]+$/.test(option)) return which(runner, { ...call, argv: call.argv.slice(1) });
  const argv = call.argv.slice(option === '-p' || option === '--' ? 2 : 1);
  if (argv.length === 0) return 'yes';
  const builtin = BUILTINS.get(argv[0]?.text ?? '');
  const inner = { ...call, argv };
  if (builtin !== undefined) return builtin(runner, inner, scope, place);
  return external(runner, inner, scope, place, place.tail ? 'last' : 'passing');
}

function which({ host }: Runner, call: Call): Outcome {
  const name = call.argv.slice(1).find(({ text }) => !text.startsWith('-'));
  if (name?.known !== true) return 'unknown';
  const path = host.which(name.text);
  return path === undefined ? 'unknown' : path === null ? 'no' : 'yes';
}

/** `eval` of words that are known is one more reading of them. */
function evaluate(runner: Runner, call: Call, scope: Scope, place: Place): Outcome {
  const words = call.argv.slice(1);
  if (!words.every(({ known }) => known) || place.calls >= MAX_CALLS) {
    runner.host.notFollowed(`\`${call.text}\` depends on what is not known`, call.at);
    return 'unknown';
  }
  const text = words.map((word) => word.text).join(' ');
  const { items } = parseScript(text);
  return runItems(runner, items, scope, { ...place, calls: place.calls + 1 });
}

function source(runner: Runner, call: Call, scope: Scope, place: Place): Outcome {
  const { host } = runner;
  const file = call.argv.slice(1).find(({ text }) => text !== '--');
  if (file?.known !== true || place.calls >= MAX_CALLS) {
    host.notFollowed(`\`${call.text}\` reads a script whose name is not known`, call.at);
    return 'unknown';
  }
  const read = host.source(file.text, scope);
  if (read === null) {
    host.notFollowed(`\`${file.text}\` could not be read`, call.at);
    return 'unknown';
  }
  const { positional } = scope;
  const given = call.argv.slice(2);
  if (given.length > 0) scope.positional = given;
  const inner = { ...place, calls: place.calls + 1 };
  const outcome = runItems({ ...runner, text: read.text }, read.script.items, scope, inner);
  if (given.length > 0) scope.positional = positional;
  return outcome;
}

function test({ host }: Runner, call: Call): Outcome {
  const closes = call.argv[0]?.text === '[' && call.argv.at(-1)?.text === ']';
  return evaluateTest(call.argv.slice(1, closes ? -1 : undefined), host.files, false);
}

/** What a command substitution prints, for the few that say where a script is or who runs it. */
function substitute(sourceText: string, scope: Scope, host: ShellHost, depth = 0): string | null {
  if (depth >= MAX_SUBSTITUTIONS || sourceText.length > MAX_PATTERN_CHARACTERS) return null;
  const { items, brokenAt } = parseScript(sourceText);
  const [first, ...more] = items;
  if (first === undefined || more.length > 0 || brokenAt !== null) return null;
  const inner = { scope, substitute: (each: string) => substitute(each, scope, host, depth + 1) };
  const commands =
    first.command.kind === 'and-or' ? first.command.parts.map(({ command: each }) => each) : [first.command];
  let directory = scope.workingDir;
  let output: string | null = null;
  for (const each of commands) {
    if (each.kind !== 'simple') return null;
    const words = each.words.map((word) => expandValue(word.text, inner));
    if (words[0] === 'cd') directory = words[1] == null ? null : joinPath(directory, words[1]);
    else output = printed(words, directory, host);
  }
  return output;
}

/** A command whose output can be told, with its options in one text and its other words. */
interface Printing {
  readonly options: string;
  readonly operands: readonly (string | null)[];
  readonly directory: string | null;
  readonly host: ShellHost;
}

const PRINTERS: Readonly<Record<string, (printing: Printing) => string | null>> = {
  pwd: ({ directory }) => directory,
  whoami: ({ host }) => host.userName,
  id: ({ options, host }) => {
    if (options === '-u') return host.uid === null ? null : String(host.uid);
    return options === '-un' ? host.userName : null;
  },
  dirname: ({ operands: [path] }) => (path == null ? null : dirname(path)),
  basename: ({ operands: [path, suffix] }) =>
    path == null || suffix !== undefined ? null : path.replace(/\/+$/, '').replace(/^.*\//, ''),
  readlink: ({ operands: [path] }) => path ?? null,
  realpath: ({ operands: [path] }) => path ?? null,
  echo: ({ operands }) => (operands.every((word) => word !== null) ? operands.join(' ') : null),
  which: found,
  command: found,
};

/** A command that cannot be found prints nothing. */
function found({ operands: [name], host }: Printing): string | null {
  if (name == null) return null;
  const path = host.which(name);
  return path === undefined ? null : (path ?? '');
}

function printed(words: readonly (string | null)[], directory: string | null, host: ShellHost): string | null {
  const [name, ...others] = words;
  const isOption = (word: string | null): boolean => word?.startsWith('-') === true;
  const options = others.filter(isOption).join('');
  const operands = others.filter((word) => !isOption(word));
  return PRINTERS[name ?? '']?.({ options, operands, directory, host }) ?? null;
}

function dirname(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : trimmed.slice(0, slash);
}

export const builtins = { find: (name: string): Builtin | undefined => BUILTINS.get(name), substitute };
