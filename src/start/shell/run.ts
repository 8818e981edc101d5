import type { Truth } from '../../model/rule.js';
import type { Certainty } from '../../model/start.js';
import { CHARACTERS_A_COMMAND, MAX_CALLS, MAX_WORDS } from '../limits.js';
import { builtins } from './builtins.js';
import { evaluateTest, not, type FileTest } from './condition.js';
import { external, type Call } from './external.js';
import { expandValue, expandWord, type Expansion } from './expand.js';
import { matchesPattern } from './pattern.js';
import type { Command, Item, Script, Word } from './parser.js';
import { copyScope, mergeScopes, type Field, type Scope } from './scope.js';

/** A program that the script executes. */
export interface ShellCommand {
  readonly argv: readonly Field[];
  /** `replaces`: exec; `last`: the script ends with it; `passing`: on the way. */
  readonly how: 'replaces' | 'last' | 'passing';
  readonly certainty: Certainty;
  readonly at: number;
  /** The command as written. */
  readonly text: string;
  /** Assignments in front of it, and what the script exported. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDir: string | null;
}

/** What a script is in: the image, as far as the script can ask about it. */
export interface ShellHost {
  readonly run: (command: ShellCommand) => void;
  /** Reads a file for `.`; null where it cannot be read. */
  readonly source: (path: string, scope: Scope) => { readonly script: Script; readonly text: string } | null;
  readonly files: FileTest;
  /** Path of a command, as `command -v` prints it; null where there is none, undefined where it cannot be told. */
  readonly which: (name: string) => string | null | undefined;
  readonly uid: number | null;
  readonly userName: string | null;
  readonly notFollowed: (text: string, at: number) => void;
  /** Counts commands, also parts of one; false when there were too many. */
  readonly spend: (commands: number) => boolean;
}

/** Where a list stands: whether its end is the script's end, and whether it is surely reached. */
export interface Place {
  readonly tail: boolean;
  readonly certainty: Certainty;
  readonly calls: number;
  /** Inside a condition, where `set -e` does not count (POSIX, 2.14, set, "-e"). */
  readonly tested?: boolean;
}

/** What became of a command. `hoped`: it is taken to succeed, as in a start that works. */
export type Outcome = Truth | 'hoped' | Ending;

/** Nothing behind it is reached: the shell was replaced or left, or left with a failure. */
export type Ending = 'stopped' | 'failed';

function ends(outcome: Outcome): outcome is Ending {
  return outcome === 'stopped' || outcome === 'failed';
}

export interface Runner {
  readonly host: ShellHost;
  /** Text of the file that is walked. */
  readonly text: string;
}

/** Walks a script and reports what it executes. `stopped`: nothing behind it is reached. */
export function runScript(script: Script, text: string, scope: Scope, host: ShellHost, place: Place): Outcome {
  const runner: Runner = { host, text };
  const outcome = runItems(runner, script.items, scope, place);
  if (script.brokenAt !== null) host.notFollowed('the script could not be read from here on', script.brokenAt);
  return outcome;
}

export function expansionOf({ host }: Runner, scope: Scope): Expansion {
  return { scope, substitute: (source) => builtins.substitute(source, scope, host) };
}

export function runItems(runner: Runner, items: readonly Item[], scope: Scope, place: Place): Outcome {
  let outcome: Outcome = 'yes';
  const last = lastThatCounts(items);
  for (const [index, item] of items.entries()) {
    const inner = { ...place, tail: place.tail && index >= last && !item.background };
    outcome = runCommand(runner, item.command, item.background ? copyScope(scope) : scope, inner);
    if (item.background) outcome = 'yes';
    else if (ends(outcome)) return outcome;
    else if (endsByFailure(item.command, outcome, scope, place)) return 'failed';
  }
  return outcome;
}

/** `set -e`: a command that certainly fails ends the script, unless it is a condition or negated. */
function endsByFailure(command: Command, outcome: Outcome, scope: Scope, place: Place): boolean {
  if (outcome !== 'no' || !scope.errexit || place.tested === true) return false;
  return command.kind === 'simple' || command.kind === 'test' || (command.kind === 'group' && command.subshell);
}

const QUIET_ENDS: ReadonlySet<string> = new Set(['exit', 'return', ':', 'true']);

/** The last item behind which only `exit` and the like follow: what the list is there for. */
function lastThatCounts(items: readonly Item[]): number {
  const isQuiet = ({ command }: Item): boolean =>
    command.kind === 'simple' && QUIET_ENDS.has(command.words[0]?.text ?? '');
  return items.findLastIndex((item) => !isQuiet(item));
}

export function runCommand(runner: Runner, command: Command, scope: Scope, place: Place): Outcome {
  switch (command.kind) {
    case 'simple':
      return runSimple(runner, command.words, scope, place);
    case 'test':
      return runTest(runner, command.words, scope);
    case 'pipeline':
      return runPipeline(runner, command.commands, command.negated, scope, place);
    case 'and-or':
      return runAndOr(runner, command.parts, scope, place);
    case 'if':
      return runIf(runner, command, scope, place);
    case 'loop':
      return runLoop(runner, command, scope, place);
    case 'case':
      return runCase(runner, command, scope, place);
    case 'group':
      return runGroup(runner, command, scope, place);
    case 'function':
      if (command.body !== null) scope.functions.set(command.name, command.body);
      return 'yes';
  }
}

function runGroup(runner: Runner, group: Extract<Command, { kind: 'group' }>, scope: Scope, place: Place): Outcome {
  if (!group.subshell) return runItems(runner, group.body, scope, place);
  const outcome = runItems(runner, group.body, copyScope(scope), place);
  if (outcome === 'failed') return 'no';
  return outcome === 'stopped' ? 'hoped' : outcome;
}

function runTest(runner: Runner, words: readonly Word[], scope: Scope): Outcome {
  if (words.length === 0) return 'unknown';
  const expansion = expansionOf(runner, scope);
  const fields = words.map(({ text }): Field => {
    const value = expandValue(text, expansion);
    return value === null ? { text, known: false } : { text: value, known: true };
  });
  return evaluateTest(fields, runner.host.files, true);
}

function runPipeline(
  runner: Runner,
  commands: readonly Command[],
  negated: boolean,
  scope: Scope,
  place: Place,
): Outcome {
  let outcome: Outcome = 'unknown';
  for (const [index, command] of commands.entries()) {
    const single = commands.length === 1;
    const tested = place.tested === true || negated;
    const inner = { ...place, tested, tail: place.tail && index === commands.length - 1 && !negated };
    outcome = runCommand(runner, command, single ? scope : copyScope(scope), inner);
    if (!single && ends(outcome)) outcome = 'hoped';
  }
  if (!negated || ends(outcome)) return outcome;
  return outcome === 'hoped' ? 'unknown' : not(outcome);
}

type Parts = Extract<Command, { kind: 'and-or' }>['parts'];

function runAndOr(runner: Runner, parts: Parts, scope: Scope, place: Place): Outcome {
  let outcome: Outcome = 'yes';
  for (const [index, part] of parts.entries()) {
    if (skips(part.when, outcome)) continue;
    const isLast = index === parts.length - 1;
    const tail = place.tail && parts.slice(index + 1).every(({ when }) => when === '||');
    const tested = place.tested === true || !isLast;
    if (part.when === 'always' || isSure(part.when, outcome)) {
      outcome = runCommand(runner, part.command, scope, { ...place, tail, tested });
      if (ends(outcome)) return outcome;
    } else {
      outcome = runDoubtful(runner, part, scope, { ...place, tail, tested, certainty: 'likely' });
    }
  }
  return outcome;
}

function skips(when: Parts[number]['when'], before: Outcome): boolean {
  return (when === '&&' && before === 'no') || (when === '||' && before === 'yes');
}

/** Behind `&&` what is taken to succeed leads on; behind `||` only what certainly fails does. */
function isSure(when: '&&' | '||', before: Outcome): boolean {
  return when === '&&' ? before === 'yes' || before === 'hoped' : before === 'no';
}

/** A part that may be reached: of its effects only those count that both ways agree on. */
function runDoubtful(runner: Runner, { when, command }: Parts[number], scope: Scope, place: Place): Outcome {
  const branch = copyScope(scope);
  const result = runCommand(runner, command, branch, place);
  if (!ends(result)) mergeScopes(scope, [branch, copyScope(scope)]);
  // Unknown and no is no; unknown or yes is yes.
  if (when === '&&') return result === 'no' ? 'no' : 'unknown';
  return result === 'yes' ? 'yes' : 'unknown';
}

function condition(runner: Runner, items: readonly Item[], scope: Scope, place: Place): Truth {
  const outcome = runItems(runner, items, scope, { ...place, tail: false, tested: true, certainty: 'likely' });
  return outcome === 'hoped' || ends(outcome) ? 'unknown' : outcome;
}

function runIf(runner: Runner, command: Extract<Command, { kind: 'if' }>, scope: Scope, place: Place): Outcome {
  const taken: Scope[] = [];
  const outcomes: Outcome[] = [];
  let inner = place;
  for (const { condition: items, body } of command.branches) {
    const truth = condition(runner, items, scope, inner);
    if (truth === 'no') continue;
    if (truth === 'unknown') inner = { ...inner, certainty: 'likely' };
    const branch = copyScope(scope);
    const outcome = runItems(runner, body, branch, inner);
    outcomes.push(outcome);
    if (!ends(outcome)) taken.push(branch);
    if (truth === 'yes') return join(scope, taken, outcomes);
  }
  const otherwise = copyScope(scope);
  const outcome = runItems(runner, command.otherwise, otherwise, inner);
  outcomes.push(outcome);
  if (!ends(outcome)) taken.push(otherwise);
  return join(scope, taken, outcomes);
}

/** After alternatives: stopped where all stopped, else what is common to those that go on. */
function join(scope: Scope, taken: readonly Scope[], outcomes: readonly Outcome[]): Outcome {
  if (taken.length === 0) {
    if (outcomes.length === 0) return 'unknown';
    return outcomes.every((each) => each === 'failed') ? 'failed' : 'stopped';
  }
  mergeScopes(scope, taken);
  const [first] = outcomes;
  return first !== undefined && outcomes.every((each) => each === first) ? first : 'unknown';
}

/** A loop's body is walked once, with nothing known of what it goes over. */
function runLoop(runner: Runner, command: Extract<Command, { kind: 'loop' }>, scope: Scope, place: Place): Outcome {
  const inner: Place = { ...place, tail: false, certainty: 'likely' };
  const branch = copyScope(scope);
  if (command.variable !== null) branch.variables.set(command.variable, null);
  runItems(runner, command.condition, branch, inner);
  runItems(runner, command.body, branch, inner);
  mergeScopes(scope, [branch, copyScope(scope)]);
  return 'unknown';
}

function runCase(runner: Runner, command: Extract<Command, { kind: 'case' }>, scope: Scope, place: Place): Outcome {
  const expansion = expansionOf(runner, scope);
  const subject = command.word === null ? null : expandValue(command.word.text, expansion);
  const taken: Scope[] = [];
  const outcomes: Outcome[] = [];
  for (const { patterns, body } of command.arms) {
    const matched = subject === null ? null : matchesAny(patterns, subject);
    if (matched === false) continue;
    const branch = copyScope(scope);
    const outcome = runItems(runner, body, branch, matched === true ? place : { ...place, certainty: 'likely' });
    outcomes.push(outcome);
    if (!ends(outcome)) taken.push(branch);
    if (matched === true) return join(scope, taken, outcomes);
  }
  taken.push(copyScope(scope));
  outcomes.push('yes');
  return join(scope, taken, outcomes);
}

/** Whether one of the patterns of an arm matches; null where none does and one is too long to be compared. */
function matchesAny(patterns: readonly Word[], subject: string): boolean | null {
  const matches = patterns.map(({ text }) => matchesPattern(patternOf(text), subject));
  return matches.includes(true) ? true : matches.includes(null) ? null : false;
}

/** A pattern without its quotes; what they hold is taken for literal text in all but odd cases. */
function patternOf(text: string): string {
  return text.replace(/["']/g, '');
}

const ASSIGNMENT = /^([A-Za-z_]\w*)(\+?)=([^]*)$/;

function runSimple(runner: Runner, words: readonly Word[], scope: Scope, place: Place): Outcome {
  const { host } = runner;
  if (!host.spend(1)) return 'stopped';
  const expansion = expansionOf(runner, scope);
  const { assigned, rest } = splitAssignments(words, scope, expansion);
  const argv = expandAll(rest, expansion);
  if (!host.spend(argv.reduce((sum, { text }) => sum + text.length, 0) / CHARACTERS_A_COMMAND)) return 'stopped';
  if (argv.length === 0) {
    for (const [name, value] of assigned) scope.variables.set(name, value);
    // Words that expand to nothing, and redirections alone.
    return rest.length > 0 || words.length === 0 ? 'unknown' : 'yes';
  }
  const at = words[0]?.at ?? 0;
  const call = { argv, at, text: writtenAs(words), assigned, sure: hasSureArguments(rest, scope) };
  return runWords(runner, call, scope, place);
}

/** Fields of a command line; those beyond the limit are left out. */
function expandAll(words: readonly Word[], expansion: Expansion): readonly Field[] {
  const fields: Field[] = [];
  for (const { text } of words) {
    if (fields.length >= MAX_WORDS) break;
    fields.push(...expandWord(text, expansion).slice(0, MAX_WORDS - fields.length));
  }
  return fields;
}

interface Assigned {
  readonly assigned: ReadonlyMap<string, string | null>;
  readonly rest: readonly Word[];
}

/** `NAME=value` in front of the command. */
function splitAssignments(words: readonly Word[], scope: Scope, expansion: Expansion): Assigned {
  const assigned = new Map<string, string | null>();
  for (const [index, { text }] of words.entries()) {
    const [, name, plus, raw = ''] = ASSIGNMENT.exec(text) ?? [];
    if (name === undefined) return { assigned, rest: words.slice(index) };
    const value = raw.startsWith('(') ? null : expandValue(raw, expansion);
    assigned.set(name, plus === '+' ? appended(scope.variables.get(name), value) : value);
  }
  return { assigned, rest: [] };
}

function appended(before: string | null | undefined, value: string | null): string | null {
  return before === null || value === null ? null : `${before ?? ''}${value}`;
}

/** `"$@"` as the command is sure only where no doubtful branch changed it. */
function hasSureArguments(words: readonly Word[], scope: Scope): boolean {
  return scope.positionalSure || !words.slice(0, 3).some(({ text }) => /\$[{]?[@*1]/.test(text));
}

/** Longest text of a command that is shown. */
const MAX_SHOWN = 200;

function writtenAs(words: readonly Word[]): string {
  return words
    .map(({ text }) => text)
    .join(' ')
    .slice(0, MAX_SHOWN);
}

export function runWords(runner: Runner, call: Call, scope: Scope, place: Place): Outcome {
  const [first] = call.argv;
  if (first === undefined) return 'yes';
  const body = first.known ? scope.functions.get(first.text) : undefined;
  if (body !== undefined) return callFunction(runner, body, call, scope, place);
  const builtin = first.known ? builtins.find(first.text) : undefined;
  if (builtin !== undefined) return builtin(runner, call, scope, place);
  return external(runner, call, scope, place, place.tail ? 'last' : 'passing');
}

function callFunction(runner: Runner, body: Command, call: Call, scope: Scope, place: Place): Outcome {
  if (place.calls >= MAX_CALLS) {
    runner.host.notFollowed('functions call each other too deeply', call.at);
    return 'unknown';
  }
  const { positional, positionalSure } = scope;
  scope.positional = call.argv.slice(1);
  const outcome = runCommand(runner, body, scope, { ...place, calls: place.calls + 1 });
  scope.positional = positional;
  scope.positionalSure = positionalSure && scope.positionalSure;
  return outcome;
}
