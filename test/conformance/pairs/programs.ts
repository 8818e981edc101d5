import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workFolder } from '../support/work.js';
import { run } from './command.js';

const SOURCES = fileURLToPath(new URL('../../../fixtures/programs/', import.meta.url));

/** Compiles sources of fixtures/programs, once, with this machine's gcc or musl-gcc. Returns the file. */
function build(
  name: string,
  compiler: 'gcc' | 'musl-gcc',
  sources: readonly string[],
  flags: readonly string[],
): string {
  const file = join(workFolder('programs'), name);
  if (existsSync(file)) return file;
  const files = sources.map((source) => join(SOURCES, source));
  run(compiler, ['-O1', '-w', '-o', `${file}.partial`, ...files, ...flags], { cwd: SOURCES });
  run('mv', [`${file}.partial`, file]);
  return file;
}

export const hello = (): string => build('hello', 'gcc', ['hello.c'], []);
export const helloStatic = (): string => build('hello-static', 'gcc', ['hello.c'], ['-static']);
export const helloStaticPie = (): string => build('hello-static-pie', 'gcc', ['hello.c'], ['-static-pie']);
export const helloNoPie = (): string => build('hello-no-pie', 'gcc', ['hello.c'], ['-no-pie']);
export const helloMusl = (): string => build('hello-musl', 'musl-gcc', ['hello.c'], []);
export const helloMuslStatic = (): string => build('hello-musl-static', 'musl-gcc', ['hello.c'], ['-static']);

const soname = (name: string): string => `-Wl,-soname,${name}`;
const SHARED = ['-shared', '-fPIC'];

export const libgreet = (): string => build('libgreet.so.1', 'gcc', ['greet.c'], [...SHARED, soname('libgreet.so.1')]);
/** Without greet_again. */
export const libgreetOld = (): string =>
  build('libgreet-old.so.1', 'gcc', ['greet.c'], ['-DOLD', ...SHARED, soname('libgreet.so.1')]);
export const libgreetVersioned = (): string =>
  build('libgreet-2.so.1', 'gcc', ['greet.c'], [...SHARED, soname('libgreet.so.1'), '-Wl,--version-script=greet.map']);
export const libgreetVersionedOld = (): string => {
  const flags = ['-DOLD', ...SHARED, soname('libgreet.so.1'), '-Wl,--version-script=greet-old.map'];
  return build('libgreet-1.so.1', 'gcc', ['greet.c'], flags);
};
export const libgreetMusl = (): string =>
  build('libgreet-musl.so.1', 'musl-gcc', ['greet.c'], [...SHARED, soname('libgreet.so.1')]);
export const libgreetMuslOld = (): string =>
  build('libgreet-musl-old.so.1', 'musl-gcc', ['greet.c'], ['-DOLD', ...SHARED, soname('libgreet.so.1')]);
export const librelay = (): string =>
  build('librelay.so.1', 'gcc', ['relay.c'], [...SHARED, soname('librelay.so.1'), libgreet()]);

/** Calls greet() of libgreet.so.1; linker flags say where it is looked for. */
export function greeter(name: string, ...flags: readonly string[]): string {
  return build(name, 'gcc', ['caller.c'], ['-DCALL=greet', libgreet(), ...flags]);
}

/** Calls greet_again(), bound when the program starts, so that it cannot begin without. */
export const greeterAgain = (): string =>
  build('greeter-again', 'gcc', ['caller.c'], ['-DCALL=greet_again', libgreet(), '-Wl,-z,now']);

/** Calls greet_again(), which needs GREET_2 of the library. */
export const greeterOfVersion2 = (): string =>
  build('greeter-2', 'gcc', ['caller.c'], ['-DCALL=greet_again', libgreetVersioned()]);

export const greeterMusl = (): string =>
  build('greeter-musl', 'musl-gcc', ['caller.c'], ['-DCALL=greet', libgreetMusl()]);
export const greeterMuslAgain = (): string =>
  build('greeter-musl-again', 'musl-gcc', ['caller.c'], ['-DCALL=greet_again', libgreetMusl()]);

/** Calls relay() of librelay.so.1, which needs libgreet.so.1. */
export function relayer(name: string, ...flags: readonly string[]): string {
  return build(name, 'gcc', ['caller.c'], ['-DCALL=relay', librelay(), '-Wl,--allow-shlib-undefined', ...flags]);
}

/** A file of a package of the locked list (support/packages.json). */
export function npmFile(folder: string, path: string): string {
  return join(process.env['XOSCHECK_CORPUS'] ?? workFolder('corpus'), folder, 'package', path);
}

/** esbuild, which is a static Go program, for one system and machine. */
export function esbuild(platform: string): string {
  return npmFile(`@esbuild+${platform}@0.25.0`, platform.startsWith('win32') ? 'esbuild.exe' : 'bin/esbuild');
}
