import type { Field } from './shell/scope.js';

/** How a command takes its options. */
export interface OptionRules {
  /** Options that take the next word as their value, as written: `-u`, `--user`. */
  readonly valued: readonly string[];
  /** Letters that may stand together behind one dash are read one by one. Default: true. */
  readonly clustered?: boolean;
  /** What begins an option. Default: `-`. */
  readonly prefixes?: readonly string[];
}

export interface Option {
  /** `-c`, `--config`, `-jar` */
  readonly name: string;
  readonly value: Field | null;
}

export interface Arguments {
  readonly options: readonly Option[];
  /** The first word that is no option, and everything behind it. */
  readonly rest: readonly Field[];
}

/** Splits the words behind a command's name into options and the rest; options end at the first other word or `--`. */
export function splitOptions(words: readonly Field[], rules: OptionRules): Arguments {
  const options: Option[] = [];
  const prefixes = rules.prefixes ?? ['-'];
  let at = 0;
  while (at < words.length) {
    const word = words[at];
    if (word === undefined) break;
    const { text, known } = word;
    if (text === '--') return { options, rest: words.slice(at + 1) };
    // A word that is not known may be any number of options; it is none of the program's own words.
    if (!known && text.startsWith('$')) {
      at += 1;
      continue;
    }
    if (text.length < 2 || !prefixes.some((prefix) => text.startsWith(prefix))) break;
    at += 1 + readOption(text, words[at + 1], rules, options);
  }
  return { options, rest: words.slice(at) };
}

/** Reads one word of options and gives the number of further words that it takes. */
function readOption(text: string, next: Field | undefined, rules: OptionRules, options: Option[]): number {
  const equals = text.startsWith('--') ? text.indexOf('=') : -1;
  if (equals > 0) {
    options.push({ name: text.slice(0, equals), value: { text: text.slice(equals + 1), known: true } });
    return 0;
  }
  if (rules.valued.includes(text)) {
    options.push({ name: text, value: next ?? null });
    return 1;
  }
  if (text.startsWith('--') || rules.clustered === false) {
    options.push({ name: text, value: null });
    return 0;
  }
  return readCluster(text, next, rules, options);
}

/** `-ab value`, `-bvalue` */
function readCluster(text: string, next: Field | undefined, rules: OptionRules, options: Option[]): number {
  for (let index = 1; index < text.length; index += 1) {
    const name = `-${text[index] ?? ''}`;
    if (!rules.valued.includes(name)) {
      options.push({ name, value: null });
      continue;
    }
    const attached = text.slice(index + 1);
    options.push({ name, value: attached === '' ? (next ?? null) : { text: attached, known: true } });
    return attached === '' ? 1 : 0;
  }
  return 0;
}

export function optionValue({ options }: Arguments, ...names: readonly string[]): Field | null {
  return options.find(({ name }) => names.includes(name))?.value ?? null;
}
