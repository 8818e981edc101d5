import { existsSync } from 'node:fs';
import { XosError } from '../model/error.js';
import type { LoadedSource, LoadOptions } from '../model/load.js';
import { StreamFault } from '../image/layer.js';
import { describeFormatError } from '../model/gap.js';
import { loadArchive } from './archive.js';
import { SNIFF_BYTES } from './decompress.js';
import { recogniseDirectory } from './directory.js';
import { looksExecutable } from './file.js';
import { codeOf, openFile, statOf } from './file-view.js';
import { sources } from './index.js';
import { type ParsedReference, parseReference, registrySuggestions, WHAT_SERVES } from './reference.js';
import { loadStdin } from './stdin.js';

/** Loads the images that a reference names, with the facts of their layers. */
export async function loadImages(reference: string, options: LoadOptions): Promise<LoadedSource> {
  const parsed = parseReference(reference);
  const path = locate(parsed);
  try {
    if (path === '-') return await loadStdin(parsed, options);
    const transport = parsed.transport ?? recognise(path);
    const source = sources.find((known) => known.transport === transport);
    if (source !== undefined) return await source.load(path, reference, options);
    return await loadArchive(path, reference, options, null);
  } catch (cause) {
    // Only the outermost stream, of an archive that is compressed as a whole, lets a fault through.
    if (!(cause instanceof StreamFault)) throw cause;
    throw new XosError('XOS_IMAGE_DAMAGED', `\`${path}\` ${describeFormatError(cause.fault)}`, {
      suggestions: ['copy or save the image again and compare its size with the original'],
      cause,
    });
  }
}

/** The path that is meant: the first reading that exists. */
function locate(parsed: ParsedReference): string {
  const found = parsed.readings.find((reading) => reading.path === '-' || existsSync(reading.path));
  if (found !== undefined) return found.path;
  const path = parsed.readings[0]?.path ?? parsed.text;
  denied(path);
  throw new XosError('XOS_IMAGE_NOT_FOUND', `\`${path}\`: there is no such file or directory`, {
    suggestions: [...registrySuggestions(parsed.text), WHAT_SERVES],
  });
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** Says why a path cannot be looked at where it is not only absent. */
function denied(path: string): void {
  try {
    statOf(path);
  } catch (cause) {
    if (!(cause instanceof XosError && ABSENT.has(codeOf(cause.cause)))) throw cause;
  }
}

/** Transport of a bare path by its content; `tar` for an archive, whose members decide. */
function recognise(path: string): string {
  if (statOf(path).isDirectory()) return recogniseDirectory(path);
  const file = openFile(path);
  try {
    return looksExecutable(file.view().read(0, SNIFF_BYTES)) ? 'file' : 'tar';
  } finally {
    file.close();
  }
}
