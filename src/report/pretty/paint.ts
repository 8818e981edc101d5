import { Chalk } from 'chalk';
import stringWidth from 'string-width';
import type { Style } from '../../model/report.js';
import type { Severity } from '../../model/rule.js';
import { visible } from '../escape.js';

export type Mark = 'good' | 'bad' | 'warn' | 'unknown' | 'none' | 'note';

type Colour = (text: string) => string;

/** Marks, colours and widths for one style; everything that knows what a terminal can show. */
export interface Paint {
  readonly mark: (mark: Mark) => string;
  readonly bold: Colour;
  readonly dim: Colour;
  readonly colourOf: (mark: Mark) => Colour;
  readonly arrow: string;
  readonly dot: string;
  /** Columns left for text. */
  readonly width: number;
  readonly style: Style;
}

const UNICODE: Readonly<Record<Mark, string>> = { good: '✔', bad: '✖', warn: '▲', unknown: '?', none: '·', note: 'ℹ' };
const ASCII: Readonly<Record<Mark, string>> = { good: '+', bad: 'x', warn: '!', unknown: '?', none: '-', note: 'i' };

const MAX_WIDTH = 110;
const MIN_WIDTH = 40;

export function paintFor(style: Style): Paint {
  const chalk = new Chalk({ level: style.colour ? 1 : 0 });
  const colours: Readonly<Record<Mark, Colour>> = {
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
    unknown: chalk.magenta,
    none: chalk.dim,
    note: chalk.cyan,
  };
  const symbols = style.unicode ? UNICODE : ASCII;
  return {
    mark: (mark) => colours[mark](symbols[mark]),
    bold: chalk.bold,
    dim: chalk.dim,
    colourOf: (mark) => colours[mark],
    arrow: style.unicode ? '→' : '->',
    dot: style.unicode ? ' · ' : ' - ',
    width: Math.max(MIN_WIDTH, Math.min(style.width, MAX_WIDTH)),
    style,
  };
}

export const MARK_OF_SEVERITY: Readonly<Record<Severity, Mark>> = {
  blocker: 'bad',
  error: 'bad',
  warning: 'warn',
  info: 'note',
};

/** Breaks a text between words so that no line is wider than the paint's width; every line is indented. */
export function wrap(text: string, indent: string, paint: Paint): readonly string[] {
  const room = paint.width - indent.length;
  const lines: string[] = [];
  let line = '';
  for (const word of visible(text).split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > room) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** Pads to a width in columns (wide characters count as two). */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)));
}
