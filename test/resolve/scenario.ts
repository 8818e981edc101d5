import type { LayerEntry } from '../../src/model/layer.js';
import type { Closure, Resolution } from '../../src/model/resolution.js';
import type { Rootfs } from '../../src/model/rootfs.js';
import { resolveClosure, type LoaderContext } from '../../src/resolve/index.js';
import type { ElfOptions } from '../support/elf-builder.js';
import { rootfs, type RootfsSpec } from '../support/rootfs-builder.js';
import { elfFile } from '../support/start-builder.js';

export const GLIBC = '/lib64/ld-linux-x86-64.so.2';
export const MUSL = '/lib/ld-musl-x86_64.so.1';

/** glibc's loader, by what it defines. */
export const GLIBC_LOADER = elfFile({
  soname: 'ld-linux-x86-64.so.2',
  versionDefinitions: [
    { name: 'ld-linux-x86-64.so.2', base: true, weak: false, parents: [] },
    { name: 'GLIBC_PRIVATE', base: false, weak: false, parents: [] },
  ],
});

/** A library with a soname of its file's name. */
export function lib(soname: string, options: ElfOptions = {}): Partial<LayerEntry> {
  return elfFile({ soname, ...options });
}

/** A root with one program `/bin/x` of this loader, laid out as upstream glibc or musl. */
export function root(loader: string, program: ElfOptions, files: RootfsSpec = {}): Rootfs {
  return rootfs({
    [loader]: loader === MUSL ? lib('libc.musl-x86_64.so.1') : GLIBC_LOADER,
    '/bin/x': elfFile({ interpreter: loader, ...program }),
    ...files,
  });
}

export function closureOf(files: Rootfs, context: Partial<LoaderContext> = {}, path = '/bin/x'): Closure {
  const lookup = files.lookup(path);
  if (!lookup.found) throw new Error(`${path} is not there`);
  return resolveClosure(lookup.entry, { rootfs: files, environment: {}, workingDir: '/', secure: false, ...context });
}

/** Paths in the order of the link map, the program and the loader left out. */
export function paths(closure: Closure): readonly string[] {
  return closure.objects.map(({ path }) => path).filter((path) => path !== '/bin/x' && path !== GLIBC && path !== MUSL);
}

export function needOf(closure: Closure, name: string): Resolution | undefined {
  return closure.objects.flatMap(({ needed }) => needed).find((each) => each.needed === name);
}
