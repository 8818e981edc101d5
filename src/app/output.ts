import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Report, Reporter, Style } from '../model/report.js';
import { XosError } from '../model/error.js';

/** Where one report goes: a format and a file, or null for stdout. */
export interface Target {
  readonly format: string;
  readonly file: string | null;
}

/** `--format F --output FILE --output FORMAT=FILE …` → targets; without any output, stdout. */
export function targetsOf(
  format: string,
  outputs: readonly string[],
  reporters: readonly Reporter[],
): readonly Target[] {
  if (outputs.length === 0) return [{ format, file: null }];
  return outputs.map((output) => {
    const [before, after] = splitOnce(output);
    const named = after === undefined ? undefined : reporters.find(({ id }) => id === before);
    return named === undefined || after === undefined ? { format, file: output } : { format: named.id, file: after };
  });
}

function splitOnce(text: string): readonly [string, string?] {
  const at = text.indexOf('=');
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Renders for every target; returns what belongs on stdout. A file that cannot be written is an error of usage. */
export function deliver(
  report: Report,
  targets: readonly Target[],
  reporters: readonly Reporter[],
  style: Style,
): string {
  let shown = '';
  for (const { format, file } of targets) {
    const reporter = reporters.find(({ id }) => id === format);
    if (reporter === undefined) throw new XosError('XOS_USAGE', `There is no format \`${format}\`.`);
    if (file === null) shown += reporter.render(report, style);
    else writeReport(file, reporter.render(report, { ...style, colour: false, unicode: true }));
  }
  return shown;
}

function writeReport(file: string, text: string): void {
  try {
    if (isReplaceable(file)) replace(realpathOf(file), text);
    else writeFileSync(file, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new XosError('XOS_OUTPUT', `The report could not be written to \`${file}\`: ${reason}.`, {
      suggestions: ['Give --output a file in a folder that exists and is writable.'],
      cause,
    });
  }
}

/** False for a device or a FIFO (`/dev/stdout`): it is written to, never replaced. */
function isReplaceable(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined || found.isFile();
}

/** A link stays a link: what it names is replaced. */
function realpathOf(file: string): string {
  return existsSync(file) ? realpathSync(file) : file;
}

/** Written beside and moved (rename(2)): whoever reads, and whatever ends us, the file is the old or the new one, whole. */
function replace(file: string, text: string): void {
  const partial = join(dirname(file), `.${basename(file).slice(0, 200)}.${process.pid}.partial`);
  try {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0o666;
    writeFileSync(partial, text, { mode, flush: true });
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw cause;
  }
}
