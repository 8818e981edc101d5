import type { Style } from '../model/report.js';

/** What the environment says of one output stream. */
export interface Terminal {
  readonly isTty: boolean;
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
}

/** Width where nobody says one: fits a log viewer and a page of a terminal. */
const DEFAULT_COLUMNS = 100;

/** True in continuous integration: no spinner, nothing that moves. */
export function inCi({ env }: Pick<Terminal, 'env'>): boolean {
  const ci = env['CI'];
  return ci !== undefined && ci !== '' && ci !== 'false' && ci !== '0';
}

/** Flag, then FORCE_COLOR, NO_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether it is a terminal. */
export function wantsColour(flag: 'auto' | 'always' | 'never', terminal: Terminal): boolean {
  if (flag !== 'auto') return flag === 'always';
  const { env } = terminal;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && /^(?:|1|2|3|true)$/.test(forced)) return true;
  if (forced === '0' || forced === 'false') return false;
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if ((env['CLICOLOR_FORCE'] ?? '0') !== '0') return true;
  return terminal.isTty && env['TERM'] !== 'dumb';
}

/** Symbols beyond ASCII where the terminal or the locale can show them. */
export function wantsUnicode({ env, platform, isTty }: Terminal): boolean {
  if (env['TERM'] === 'linux' || env['TERM'] === 'dumb') return false;
  if (platform === 'win32') return env['WT_SESSION'] !== undefined || env['TERM_PROGRAM'] === 'vscode' || !isTty;
  const locale = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? '';
  return locale === '' || /utf-?8/i.test(locale);
}

export function styleFor(flag: 'auto' | 'always' | 'never', verbose: boolean, terminal: Terminal): Style {
  return {
    colour: wantsColour(flag, terminal),
    unicode: wantsUnicode(terminal),
    width: terminal.columns ?? DEFAULT_COLUMNS,
    verbose,
  };
}
