import type { ElfBinary } from '../model/binary.js';
import type { Closure } from '../model/resolution.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import { GLIBC_INTERPRETERS, MUSL_MACHINES } from './constants.js';
import { dyld } from './dyld.js';
import { glibc } from './glibc.js';
import { elfOf, peOf, type Loader, type LoaderContext, type LoaderFile, type ResolvedProgram } from './loader.js';
import { musl } from './musl.js';
import { staticProgram } from './static.js';
import { unknownLoader } from './unknown.js';
import { windows } from './windows.js';

export type { LoaderContext, LoaderFile } from './loader.js';
export { withMissingSymbols } from './symbols/index.js';

/** The first that serves a program maps it. */
export const loaders: readonly Loader[] = [windows, dyld, staticProgram, glibc, musl, unknownLoader];

/**
 * What would be mapped to start a program, or to load a library into a process. Which loader does it is decided by the
 * file that PT_INTERP leads to, not by the image's distribution.
 */
export function resolveClosure(program: RootfsEntry, context: LoaderContext): Closure {
  const elf = elfOf(program);
  const interpreter = elf === null ? { file: null, known: true } : interpreterFor(elf, context);
  const resolved: ResolvedProgram = {
    entry: program,
    elf,
    pe: peOf(program),
    interpreter: interpreter.file,
    interpreterKnown: interpreter.known,
  };
  const loader = loaders.find((each) => each.serves(resolved)) ?? unknownLoader;
  return loader.resolve(resolved, context);
}

interface Interpreter {
  readonly file: LoaderFile | null;
  readonly known: boolean;
}

function interpreterFor(elf: ElfBinary, { interpreter, rootfs, workingDir }: LoaderContext): Interpreter {
  if (interpreter !== undefined) return { file: interpreter, known: true };
  if (elf.interpreter !== null && elf.kind !== 'shared-object') {
    const lookup = rootfs.lookup(elf.interpreter, { workingDir });
    if (lookup.found) return { file: { path: elf.interpreter, entry: lookup.entry }, known: true };
    return { file: null, known: lookup.reason !== 'unknown' };
  }
  const candidates = systemInterpreters(rootfs, elf);
  return { file: candidates[0] ?? null, known: rootfs.complete };
}

/** Loaders of the image that run code of this machine; glibc's first where a library asks for it. */
export function systemInterpreters(rootfs: Rootfs, elf: ElfBinary): readonly LoaderFile[] {
  const wantsMusl = elf.needed.some((name) => name === 'libc.so' || name.startsWith('libc.musl-'));
  const glibcPaths = GLIBC_INTERPRETERS[elf.machine] ?? [];
  const muslPaths = (MUSL_MACHINES[elf.machine] ?? []).map((arch) => `/lib/ld-musl-${arch}.so.1`);
  const paths = wantsMusl ? [...muslPaths, ...glibcPaths] : [...glibcPaths, ...muslPaths];
  return paths.flatMap((path) => {
    const lookup = rootfs.lookup(path);
    const binary = lookup.found ? elfOf(lookup.entry) : null;
    const fits = binary?.machine === elf.machine && binary.bits === elf.bits;
    return lookup.found && fits ? [{ path, entry: lookup.entry }] : [];
  });
}
