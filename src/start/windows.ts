import type { Lookup, Rootfs } from '../model/rootfs.js';
import { slashed, windowsVariable } from '../resolve/windows.js';
import { DEFAULT_PATHEXT } from './environment.js';
import type { SearchIn, Searched } from './search.js';

/** Extensions of files that CreateProcess itself starts; the others need a shell or an interpreter. */
const BATCH = /\.(?:bat|cmd)$/i;

/**
 * CreateProcessW, "lpApplicationName": a word without extension gets `.exe`; the working directory, System32, System,
 * Windows and PATH are searched. cmd.exe tries the extensions of PATHEXT in each directory, which finds more.
 */
export function searchWindows(word: string, { rootfs, environment, workingDir }: SearchIn): Searched {
  const wanted = slashed(word.replace(/^"|"$/g, ''));
  const extensions = extensionsFor(wanted, windowsVariable(environment, 'PATHEXT') ?? DEFAULT_PATHEXT);
  if (wanted.includes('/'))
    return firstOf(
      rootfs,
      extensions.map((each) => `${wanted}${each}`),
      [],
      workingDir,
    );
  const path = windowsVariable(environment, 'PATH') ?? '';
  const fromPath = path.split(';').map((each) => slashed(each.trim().replace(/^"|"$/g, '')));
  const searched = [workingDir, '/Windows/System32', '/Windows/System', '/Windows', ...fromPath].filter(
    (each) => each !== '',
  );
  const directories = [...new Set(searched)];
  const candidates = directories.flatMap((directory) =>
    extensions.map((extension) => `${directory === '/' ? '' : directory}/${wanted}${extension}`),
  );
  return firstOf(rootfs, candidates, directories, workingDir);
}

function extensionsFor(word: string, pathext: string): readonly string[] {
  const all = pathext.split(';').filter((each) => each.startsWith('.'));
  const has = all.some((each) => word.toLowerCase().endsWith(each.toLowerCase()));
  return has || /\.ps1$/i.test(word) ? [''] : ['', '.exe', ...all.filter((each) => each.toLowerCase() !== '.exe')];
}

function firstOf(
  rootfs: Rootfs,
  candidates: readonly string[],
  searched: readonly string[],
  workingDir: string,
): Searched {
  let miss: Searched | null = null;
  for (const path of candidates) {
    const lookup = rootfs.lookup(path, { workingDir });
    if (lookup.found && lookup.entry.type === 'file') return { lookup, searched, path };
    const better = !lookup.found && lookup.reason === 'unknown';
    if (miss === null || better) miss = { lookup: lookup.found ? notAFile(path) : lookup, searched, path };
    if (better) break;
  }
  return miss ?? { lookup: notAFile(''), searched, path: '' };
}

function notAFile(path: string): Lookup {
  return { found: false, reason: 'absent', at: path, links: [], hiddenBy: null };
}

export function isBatch(path: string): boolean {
  return BATCH.test(path);
}

/**
 * Splits a command line as the C run-time library does (CommandLineToArgvW): blanks separate, quotes group, a backslash
 * escapes a quote.
 */
export function splitCommandLine(line: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let inQuotes = false;
  let started = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (character === '\\' && line[at + 1] === '"') {
      word += '"';
      at += 1;
      started = true;
    } else if (character === '"') {
      inQuotes = !inQuotes;
      started = true;
    } else if (!inQuotes && (character === ' ' || character === '\t')) {
      if (started) words.push(word);
      word = '';
      started = false;
    } else {
      word += character;
      started = true;
    }
  }
  if (started) words.push(word);
  return words;
}
