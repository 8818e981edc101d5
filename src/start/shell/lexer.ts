/**
 * Tokens of a shell script (POSIX, Shell Command Language, 2.3 "Token Recognition"), with what bash adds where it is
 * common. Redirections and here-documents are read and dropped: where a command's output goes does not say what runs.
 */
export interface Token {
  readonly kind: 'word' | 'operator' | 'end';
  /** A word as written, quotes and all; an operator; `\n` for the end of a line. */
  readonly text: string;
  /** Index of its first character. */
  readonly at: number;
}

interface Lexer {
  readonly source: string;
  readonly tokens: Token[];
  /** Delimiters of here-documents that begin at the next line. */
  readonly pending: { readonly delimiter: string; readonly stripTabs: boolean }[];
  at: number;
}

const OPERATORS = ['&&', '||', ';;&', ';;', ';&', '|&', '&', ';', '|', '(', ')'];
const META = new Set([' ', '\t', '\n', '\r', ';', '&', '|', '(', ')', '<', '>']);
const REDIRECT = /(?:&>>|&>|<<<|<<-|<<|<>|<&|>&|>>|>\||<|>)/y;

/** Tokens of the whole text; a quote that is never closed ends with the text. */
export function tokenise(source: string): readonly Token[] {
  const lexer: Lexer = { source, tokens: [], pending: [], at: 0 };
  while (lexer.at < source.length) readToken(lexer);
  lexer.tokens.push({ kind: 'end', text: '', at: source.length });
  return lexer.tokens;
}

function readToken(lexer: Lexer): void {
  const { source, at } = lexer;
  const character = source[at] ?? '';
  if (character === '\n') {
    endLine(lexer);
    return;
  }
  const blank = blankEnd(source, at);
  if (blank > at) {
    lexer.at = blank;
    return;
  }
  if (source.startsWith('<(', at) || source.startsWith('>(', at)) {
    readWord(lexer);
    return;
  }
  if (skipRedirect(lexer)) return;
  const operator = OPERATORS.find((each) => source.startsWith(each, at));
  if (operator === undefined) {
    readWord(lexer);
    return;
  }
  lexer.tokens.push({ kind: 'operator', text: operator, at });
  lexer.at += operator.length;
}

/** Index behind a blank, a comment or a line that goes on; `at` where there is none. */
function blankEnd(source: string, at: number): number {
  const character = source[at] ?? '';
  if (character === ' ' || character === '\t' || character === '\r') return at + 1;
  if (character === '#') return lineEnd(source, at);
  if (character !== '\\') return at;
  if (source[at + 1] === '\n') return at + 2;
  return source.startsWith('\r\n', at + 1) ? at + 3 : at;
}

function endLine(lexer: Lexer): void {
  lexer.tokens.push({ kind: 'operator', text: '\n', at: lexer.at });
  lexer.at += 1;
  for (const { delimiter, stripTabs } of lexer.pending.splice(0)) skipHereDocument(lexer, delimiter, stripTabs);
}

function skipHereDocument(lexer: Lexer, delimiter: string, stripTabs: boolean): void {
  const { source } = lexer;
  while (lexer.at < source.length) {
    const end = lineEnd(source, lexer.at);
    const line = source.slice(lexer.at, end);
    lexer.at = end + 1;
    if ((stripTabs ? line.replace(/^\t+/, '') : line).replace(/\r$/, '') === delimiter) return;
  }
}

/** `2>&1`, `>file`, `<<EOF`: the operator, and the word behind it. */
function skipRedirect(lexer: Lexer): boolean {
  const { source, at } = lexer;
  let from = at;
  while (/\d/.test(source[from] ?? '')) from += 1;
  REDIRECT.lastIndex = from;
  const operator = REDIRECT.exec(source)?.[0];
  if (operator === undefined || (from > at && operator.startsWith('&'))) return false;
  lexer.at = from + operator.length;
  while (source[lexer.at] === ' ' || source[lexer.at] === '\t') lexer.at += 1;
  const end = wordEnd(source, lexer.at);
  const target = source.slice(lexer.at, end);
  lexer.at = end;
  if (operator === '<<' || operator === '<<-') {
    lexer.pending.push({ delimiter: target.replace(/['"\\]/g, ''), stripTabs: operator === '<<-' });
  }
  return true;
}

function readWord(lexer: Lexer): void {
  const { source, at } = lexer;
  const end = Math.max(wordEnd(source, at), at + 1);
  lexer.tokens.push({ kind: 'word', text: source.slice(at, end), at });
  lexer.at = end;
}

/** Index behind the word that begins at `from`. */
function wordEnd(source: string, from: number): number {
  let at = from;
  if (source.startsWith('<(', at) || source.startsWith('>(', at)) at = closing(source, at + 1, '(', ')');
  while (at < source.length) {
    const character = source[at] ?? '';
    if (character === '(' && opensInWord(source, from, at)) at = closing(source, at, '(', ')');
    else if (META.has(character)) break;
    else at = Math.max(skipQuoted(source, at), at + 1);
  }
  return at;
}

/** Characters of a variable's name. */
const MAX_NAME = 256;

/** `name=(…)` of an array, or `@(…)` of an extended pattern. */
function opensInWord(source: string, from: number, at: number): boolean {
  if (at === from) return false;
  const before = source[at - 1] ?? '';
  if ('@+*?!'.includes(before)) return true;
  return before === '=' && at - from < MAX_NAME && /^[A-Za-z_]\w*\+?=$/.test(source.slice(from, at));
}

/** Index behind the quoted part or substitution at `at`; `at` itself where there is none. */
export function skipQuoted(source: string, at: number): number {
  const character = source[at];
  if (character === '\\') return at + 2;
  if (character === "'") return behind(source, "'", at + 1);
  if (character === '"') return behindDoubleQuote(source, at + 1);
  if (character === '`') return behindBackquote(source, at + 1);
  if (character !== '$') return at;
  const next = source[at + 1];
  if (next === '(') return closing(source, at + 1, '(', ')');
  if (next === '{') return closing(source, at + 1, '{', '}');
  if (next === "'") return behindEscaped(source, "'", at + 2);
  return at;
}

function behind(source: string, end: string, from: number): number {
  const at = source.indexOf(end, from);
  return at < 0 ? source.length : at + 1;
}

function behindEscaped(source: string, end: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === end) return at + 1;
  }
  return source.length;
}

function behindBackquote(source: string, from: number): number {
  return behindEscaped(source, '`', from);
}

function behindDoubleQuote(source: string, from: number): number {
  let at = from;
  while (at < source.length) {
    if (source[at] === '"') return at + 1;
    at = Math.max(source[at] === "'" ? at : skipQuoted(source, at), at + 1);
  }
  return source.length;
}

/** Index behind the bracket that closes the one at `at`. Nesting is counted, so that depth needs no stack. */
export function closing(source: string, at: number, open: string, close: string): number {
  let depth = 0;
  let index = at;
  while (index < source.length) {
    const character = source[index];
    if (character === open) depth += 1;
    else if (character === close) {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
    index = character === '\\' || character === "'" || character === '"' ? quoteEnd(source, index) : index + 1;
  }
  return source.length;
}

/** Behind a quote inside of brackets; a double quote may hold substitutions whose brackets do not count. */
function quoteEnd(source: string, at: number): number {
  if (source[at] === '\\') return at + 2;
  if (source[at] === "'") return behind(source, "'", at + 1);
  return behindEscaped(source, '"', at + 1);
}

function lineEnd(source: string, from: number): number {
  const at = source.indexOf('\n', from);
  return at < 0 ? source.length : at;
}
