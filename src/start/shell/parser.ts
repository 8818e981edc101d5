import { MAX_NESTING, MAX_WORDS } from '../limits.js';
import { tokenise, type Token } from './lexer.js';

/** A word as written. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

export interface Branch {
  readonly condition: readonly Item[];
  readonly body: readonly Item[];
}

/** A command of the Shell Command Language (POSIX, 2.9 "Shell Commands"). */
export type Command =
  | { readonly kind: 'simple'; readonly words: readonly Word[]; readonly at: number }
  | { readonly kind: 'test'; readonly words: readonly Word[]; readonly at: number }
  | { readonly kind: 'pipeline'; readonly commands: readonly Command[]; readonly negated: boolean }
  | {
      readonly kind: 'and-or';
      readonly parts: readonly { readonly when: 'always' | '&&' | '||'; readonly command: Command }[];
    }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Item[] }
  | {
      readonly kind: 'loop';
      readonly variable: string | null;
      readonly condition: readonly Item[];
      readonly body: readonly Item[];
    }
  | { readonly kind: 'case'; readonly word: Word | null; readonly arms: readonly CaseArm[] }
  | { readonly kind: 'group'; readonly body: readonly Item[]; readonly subshell: boolean }
  | { readonly kind: 'function'; readonly name: string; readonly body: Command | null };

export interface CaseArm {
  readonly patterns: readonly Word[];
  readonly body: readonly Item[];
}

export interface Item {
  readonly command: Command;
  readonly background: boolean;
}

export interface Script {
  readonly items: readonly Item[];
  /** Place of what could not be read; the rest of the script is then not followed. null: all was read. */
  readonly brokenAt: number | null;
}

interface Parser {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
  broken: number | null;
}

const RESERVED_ENDS = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}']);
const JOINERS = new Set(['&&', '||', '|', '|&']);
const ARM_ENDS = new Set([';;', ';&', ';;&']);

/** Reads a script as far as it can be read. */
export function parseScript(source: string): Script {
  const parser: Parser = { tokens: tokenise(source), at: 0, depth: 0, broken: null };
  const items = readItems(parser);
  const rest = peek(parser);
  return { items, brokenAt: parser.broken ?? (rest.kind === 'end' ? null : rest.at) };
}

const END: Token = { kind: 'end', text: '', at: 0 };

function peek(parser: Parser): Token {
  return parser.tokens[parser.at] ?? parser.tokens.at(-1) ?? END;
}

function take(parser: Parser): Token {
  const token = peek(parser);
  parser.at += 1;
  return token;
}

function isWord(token: Token, text: string): boolean {
  return token.kind === 'word' && token.text === text;
}

function isOperator(token: Token, text: string): boolean {
  return token.kind === 'operator' && token.text === text;
}

function skipNewlines(parser: Parser): void {
  while (isOperator(peek(parser), '\n')) parser.at += 1;
}

/** Takes a reserved word; where another stands, the script is broken there. */
function expectWord(parser: Parser, text: string): void {
  if (isWord(peek(parser), text)) parser.at += 1;
  else parser.broken ??= peek(parser).at;
}

/** Everything up to a reserved word or bracket that ends a list. */
function readItems(parser: Parser): readonly Item[] {
  const items: Item[] = [];
  while (parser.broken === null) {
    while (isOperator(peek(parser), '\n') || isOperator(peek(parser), ';')) parser.at += 1;
    const token = peek(parser);
    if (token.kind === 'end' || (token.kind === 'word' && RESERVED_ENDS.has(token.text))) break;
    if (token.kind === 'operator' && token.text !== '(' && !JOINERS.has(token.text)) {
      if (token.text === '&') parser.at += 1;
      else break;
      continue;
    }
    const command = readAndOr(parser);
    const background = isOperator(peek(parser), '&');
    if (background) parser.at += 1;
    items.push({ command, background });
  }
  return items;
}

function readAndOr(parser: Parser): Command {
  const parts: { when: 'always' | '&&' | '||'; command: Command }[] = [
    { when: 'always', command: readPipeline(parser) },
  ];
  for (let token = peek(parser); parser.broken === null; token = peek(parser)) {
    if (!isOperator(token, '&&') && !isOperator(token, '||')) break;
    parser.at += 1;
    skipNewlines(parser);
    parts.push({ when: token.text === '&&' ? '&&' : '||', command: readPipeline(parser) });
  }
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first.command : { kind: 'and-or', parts };
}

function readPipeline(parser: Parser): Command {
  let negated = false;
  while (isWord(peek(parser), '!') || isWord(peek(parser), 'time')) {
    if (take(parser).text === '!') negated = !negated;
  }
  const commands = [readCommand(parser)];
  while (parser.broken === null && (isOperator(peek(parser), '|') || isOperator(peek(parser), '|&'))) {
    parser.at += 1;
    skipNewlines(parser);
    commands.push(readCommand(parser));
  }
  const [first] = commands;
  return commands.length === 1 && !negated && first !== undefined ? first : { kind: 'pipeline', commands, negated };
}

const EMPTY: Command = { kind: 'simple', words: [], at: 0 };

function readCommand(parser: Parser): Command {
  parser.depth += 1;
  if (parser.depth > MAX_NESTING) parser.broken ??= peek(parser).at;
  const command = parser.broken === null ? readOneCommand(parser) : EMPTY;
  parser.depth -= 1;
  return command;
}

function readOneCommand(parser: Parser): Command {
  const token = peek(parser);
  if (isOperator(token, '(')) return readParenthesis(parser);
  // A command of redirections alone has no words left: `<"$file" || exit`.
  if (token.kind === 'operator' && JOINERS.has(token.text)) return EMPTY;
  if (token.kind !== 'word') {
    parser.broken ??= token.at;
    return EMPTY;
  }
  return (COMPOUNDS.get(token.text) ?? readSimple)(parser);
}

/** Reserved words that begin a command (POSIX, 2.4 "Reserved Words"), and bash's. */
const COMPOUNDS: ReadonlyMap<string, (parser: Parser) => Command> = new Map([
  ['{', readBraces],
  ['if', readIf],
  ['while', readWhile],
  ['until', readWhile],
  ['for', readFor],
  ['select', readFor],
  ['case', readCase],
  ['function', readNamedFunction],
  ['[[', readTest],
]);

function readNamedFunction(parser: Parser): Command {
  parser.at += 1;
  return readFunction(parser, take(parser).text);
}

/** `( … )` or `(( … ))`; the latter calculates and runs nothing. */
function readParenthesis(parser: Parser): Command {
  const first = take(parser);
  const second = peek(parser);
  if (isOperator(second, '(') && second.at === first.at + 1) {
    skipArithmetic(parser);
    return { kind: 'test', words: [], at: first.at };
  }
  const body = readItems(parser);
  if (isOperator(peek(parser), ')')) parser.at += 1;
  else parser.broken ??= peek(parser).at;
  return { kind: 'group', body, subshell: true };
}

function skipArithmetic(parser: Parser): void {
  let depth = 1;
  while (depth > 0 && peek(parser).kind !== 'end') {
    const token = take(parser);
    if (isOperator(token, '(')) depth += 1;
    else if (isOperator(token, ')')) depth -= 1;
  }
  if (isOperator(peek(parser), ')')) parser.at += 1;
}

function readBraces(parser: Parser): Command {
  parser.at += 1;
  const body = readItems(parser);
  expectWord(parser, '}');
  return { kind: 'group', body, subshell: false };
}

function readIf(parser: Parser): Command {
  const branches: Branch[] = [];
  let otherwise: readonly Item[] = [];
  do {
    parser.at += 1;
    const condition = readItems(parser);
    expectWord(parser, 'then');
    branches.push({ condition, body: readItems(parser) });
  } while (parser.broken === null && isWord(peek(parser), 'elif'));
  if (isWord(peek(parser), 'else')) {
    parser.at += 1;
    otherwise = readItems(parser);
  }
  expectWord(parser, 'fi');
  return { kind: 'if', branches, otherwise };
}

function readWhile(parser: Parser): Command {
  parser.at += 1;
  const condition = readItems(parser);
  return { kind: 'loop', variable: null, condition, body: readDo(parser) };
}

function readDo(parser: Parser): readonly Item[] {
  expectWord(parser, 'do');
  const body = readItems(parser);
  expectWord(parser, 'done');
  return body;
}

function readFor(parser: Parser): Command {
  parser.at += 1;
  let variable: string | null = null;
  if (isOperator(peek(parser), '(')) {
    parser.at += 1;
    skipArithmetic(parser);
  } else variable = take(parser).text;
  // The words that it goes over: up to the end of the line.
  for (let token = peek(parser); token.kind !== 'end' && !isWord(token, 'do'); token = peek(parser)) parser.at += 1;
  return { kind: 'loop', variable, condition: [], body: readDo(parser) };
}

function readCase(parser: Parser): Command {
  parser.at += 1;
  const subject = take(parser);
  skipNewlines(parser);
  expectWord(parser, 'in');
  const arms: CaseArm[] = [];
  for (;;) {
    skipNewlines(parser);
    if (parser.broken !== null || peek(parser).kind === 'end' || isWord(peek(parser), 'esac')) break;
    arms.push(readArm(parser));
  }
  expectWord(parser, 'esac');
  return { kind: 'case', word: subject.kind === 'word' ? subject : null, arms };
}

function readArm(parser: Parser): CaseArm {
  if (isOperator(peek(parser), '(')) parser.at += 1;
  const patterns: Word[] = [];
  while (peek(parser).kind !== 'end' && !isOperator(peek(parser), ')')) {
    const token = take(parser);
    if (token.kind === 'word') patterns.push(token);
  }
  parser.at += 1;
  const body = readItems(parser);
  const end = peek(parser);
  if (end.kind === 'operator' && ARM_ENDS.has(end.text)) parser.at += 1;
  else if (!isWord(end, 'esac')) parser.broken ??= end.at;
  return { patterns, body };
}

/** `[[ … ]]`: a condition of its own grammar, kept as words. */
function readTest(parser: Parser): Command {
  const { at } = take(parser);
  const words: Word[] = [];
  while (peek(parser).kind !== 'end' && !isWord(peek(parser), ']]')) {
    const token = take(parser);
    if (token.text !== '\n' && words.length < MAX_WORDS) words.push(token);
  }
  expectWord(parser, ']]');
  return { kind: 'test', words, at };
}

function readFunction(parser: Parser, name: string): Command {
  if (isOperator(peek(parser), '(')) parser.at += 1;
  if (isOperator(peek(parser), ')')) parser.at += 1;
  skipNewlines(parser);
  return { kind: 'function', name, body: readCommand(parser) };
}

function readSimple(parser: Parser): Command {
  const first = take(parser);
  if (isOperator(peek(parser), '(') && /^[\w.:-]+$/.test(first.text)) {
    const next = parser.tokens[parser.at + 1];
    if (next !== undefined && isOperator(next, ')')) return readFunction(parser, first.text);
  }
  const words: Word[] = [first];
  while (peek(parser).kind === 'word') {
    const token = take(parser);
    if (words.length < MAX_WORDS) words.push(token);
  }
  return { kind: 'simple', words, at: first.at };
}
