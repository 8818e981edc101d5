import type { PeBinary, PeImport } from '../../model/binary.js';
import type { Closure, LoadedObject, MissingSymbol, Resolution } from '../../model/resolution.js';
import type { Rootfs } from '../../model/rootfs.js';
import type { SymbolFindings } from './index.js';
import { peOf } from '../loader.js';
import { directoryOf, joined, nameOf } from '../paths.js';
import { API_SET } from '../windows-constants.js';

/** Forwarders that lead to one another. */
const MAX_FORWARDS = 16;

/** What a DLL exports: name or `#ordinal` → forwarder, or null for code of its own. */
type Exports = ReadonlyMap<string, string | null>;

/** A DLL with the path at which it is mapped. */
interface Module {
  readonly path: string;
  readonly binary: PeBinary;
}

interface Session {
  readonly rootfs: Rootfs;
  readonly byName: ReadonlyMap<string, Module>;
  readonly directories: readonly string[];
}

/**
 * Imports of names and ordinals that the DLL which was found does not export (PE Format, "Import Lookup Table",
 * "Export Address Table"). API sets and DLLs that the guest brings are not looked into.
 */
export function missingProcedures(closure: Closure, rootfs: Rootfs): SymbolFindings {
  const modules = closure.objects.flatMap(({ path, entry }) => {
    const binary = peOf(entry);
    return binary === null ? [] : [{ path, binary }];
  });
  const session: Session = {
    rootfs,
    byName: new Map(modules.map((module) => [nameOf(module.path).toLowerCase(), module])),
    directories: [...new Set(modules.map(({ path }) => directoryOf(path))), ...systemDirectories(modules)],
  };
  const missing = new Map<LoadedObject, readonly MissingSymbol[]>();
  for (const object of closure.objects) {
    const symbols = peOf(object.entry)?.imports.flatMap((each, index) =>
      missingOf(session, each, object.needed[index]),
    );
    if (symbols !== undefined && symbols.length > 0) missing.set(object, symbols);
  }
  const found = closure.objects.every(({ needed }) =>
    needed.every(({ status, delayLoaded }) => delayLoaded || status === 'found' || status === 'builtin'),
  );
  return { complete: closure.complete && found, missing };
}

/** A 32-bit process is shown SysWOW64 as System32 where there is one. */
function systemDirectories([program]: readonly Module[]): readonly string[] {
  return program?.binary.bits === 32 ? ['/Windows/SysWOW64', '/Windows/System32'] : ['/Windows/System32'];
}

function missingOf(session: Session, imported: PeImport, resolution: Resolution | undefined): readonly MissingSymbol[] {
  if (resolution?.status !== 'found' || resolution.realPath === null) return [];
  const { path, realPath } = resolution;
  const module = moduleAt(session, realPath);
  if (module === null) return [];
  const absent = imported.names.filter((name) => !isExported(session, module, name, MAX_FORWARDS));
  return absent.map((name) => ({
    name,
    version: null,
    provider: imported.dll,
    providerPath: path,
    when: imported.delayLoaded ? 'call' : 'start',
  }));
}

function moduleAt({ rootfs }: Session, path: string): Module | null {
  const entry = rootfs.entry(path);
  const binary = entry === null ? null : peOf(entry);
  return binary === null ? null : { path, binary };
}

/** Where it leads to something that cannot be read, it is taken for exported. */
function isExported(session: Session, { binary, path }: Module, name: string, left: number): boolean {
  const exports = exportsOf(binary);
  if (exports === null) return true;
  const forwarder = exports.get(name);
  if (forwarder === undefined) return false;
  if (forwarder === null || left === 0) return true;
  const dot = forwarder.lastIndexOf('.');
  const target = targetOf(session, forwarder.slice(0, dot).toLowerCase(), path);
  return target === null || isExported(session, target, forwarder.slice(dot + 1), left - 1);
}

/** The DLL to which a forwarder leads; null where it is an API set or not in the image. */
function targetOf(session: Session, stem: string, from: string): Module | null {
  if (API_SET.test(stem)) return null;
  const name = stem.endsWith('.dll') ? stem : `${stem}.dll`;
  const loaded = session.byName.get(name);
  if (loaded !== undefined) return loaded;
  for (const directory of [directoryOf(from), ...session.directories]) {
    const lookup = session.rootfs.lookup(joined(directory, name));
    const binary = lookup.found ? peOf(lookup.entry) : null;
    if (binary !== null) return { path: joined(directory, name), binary };
  }
  return null;
}

const exportsOfBinary = new WeakMap<PeBinary, Exports>();

/** null: they could not be read. */
function exportsOf(binary: PeBinary): Exports | null {
  if (binary.gaps.some(({ part }) => /export|section/.test(part))) return null;
  let exports = exportsOfBinary.get(binary);
  if (exports === undefined) {
    const all = new Map<string, string | null>();
    for (const { name, ordinal, forwarder } of binary.exports) {
      all.set(`#${ordinal}`, forwarder);
      if (name !== null) all.set(name, forwarder);
    }
    exports = all;
    exportsOfBinary.set(binary, exports);
  }
  return exports;
}
