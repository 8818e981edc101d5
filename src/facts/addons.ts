import type { ImageAnalysis } from '../model/analysis.js';
import type { Binary, Machine } from '../model/binary.js';
import type { FactTree } from '../model/rule.js';
import { nodeAddon } from './node-addons.js';
import { libcNeeded, libcsOf } from './libc.js';
import { baseName } from './lookups.js';
import { formatOfOs } from './machines.js';
import { pythonExtension, pythonVersions } from './python-extensions.js';

/** What a path says of a native part of a language package. */
export interface AddonName {
  readonly language: 'node' | 'python';
  /** Parts of one family stand for each other: one of them has to fit. */
  readonly family: string;
  readonly package: string;
  /** Platform that the name says; null where it says none. */
  readonly platform: string | null;
  readonly libc: 'glibc' | 'musl' | null;
  /** Version of the interpreter that it was built for: `3.11`; null where it serves several. */
  readonly interpreter: string | null;
}

interface Addon {
  readonly name: AddonName;
  readonly platform: string;
  readonly fits: boolean;
}

export interface AddonIndex {
  readonly byPath: ReadonlyMap<string, Addon>;
  readonly fitting: ReadonlySet<string>;
  readonly portable: ReadonlySet<string>;
  /** Languages whose interpreter is on the start path. */
  readonly started: ReadonlySet<string>;
}

/** Native parts of the packages of Node and Python, and which families have a part that fits this image. */
export function indexAddons(analysis: ImageAnalysis, machine: Machine | null): AddonIndex {
  const byPath = new Map<string, Addon>();
  const fitting = new Set<string>();
  const surroundings: Surroundings = {
    format: formatOfOs(analysis.image.platform.os),
    machine,
    libcs: libcsOf(analysis.rootfs),
    pythons: pythonVersions(analysis.rootfs),
  };
  for (const { entry } of analysis.binaries) {
    const name = nodeAddon(entry.path) ?? pythonExtension(entry.path);
    if (name === null || entry.content?.kind !== 'binary') continue;
    const { binary } = entry.content;
    const fits = fitsHere(name, binary, surroundings);
    if (fits) fitting.add(name.family);
    byPath.set(entry.path, { name, fits, platform: name.platform ?? platformOfContent(binary) });
  }
  return { byPath, fitting, portable: portableFamilies(analysis), started: startedLanguages(analysis) };
}

interface Surroundings {
  readonly format: Binary['format'];
  readonly machine: Machine | null;
  readonly libcs: ReadonlySet<'glibc' | 'musl'>;
  readonly pythons: ReadonlySet<string>;
}

function fitsHere(name: AddonName, binary: Binary, here: Surroundings): boolean {
  if (binary.format !== here.format) return false;
  if (here.machine !== null && binary.machine !== here.machine) return false;
  if (name.interpreter !== null && here.pythons.size > 0 && !here.pythons.has(name.interpreter)) return false;
  // What a file needs says more than what it is called.
  const libc = libcNeeded(binary) ?? name.libc;
  return libc === null || here.libcs.size === 0 || here.libcs.has(libc);
}

const SYSTEM_OF_FORMAT: Readonly<Record<Binary['format'], string>> = { elf: 'linux', pe: 'win32', 'mach-o': 'darwin' };

function platformOfContent(binary: Binary): string {
  const libc = libcNeeded(binary);
  const words = [SYSTEM_OF_FORMAT[binary.format], binary.machine, ...(libc === 'musl' ? ['musl'] : [])];
  return words.join('-');
}

/** Families that have a WebAssembly build beside the native ones (`@img/sharp-wasm32`, `@rollup/wasm-node`). */
function portableFamilies(analysis: ImageAnalysis): ReadonlySet<string> {
  const families = new Set<string>();
  for (const { path } of analysis.rootfs.entries()) {
    if (!path.endsWith('.wasm')) continue;
    const name = nodeAddon(path.replace(/\.wasm$/, '.node'));
    if (name !== null) families.add(name.family);
  }
  return families;
}

function startedLanguages(analysis: ImageAnalysis): ReadonlySet<string> {
  const words = [
    ...analysis.start.files.map((file) => file.runtime),
    ...analysis.start.programs.map((program) => baseName(program.requested)),
  ];
  const languages = new Set<string>();
  for (const word of words) {
    if (/^(node|nodejs|npm|npx|yarn|pnpm)$/.test(word)) languages.add('node');
    if (/^python[\d.]*$/.test(word)) languages.add('python');
  }
  return languages;
}

/** Facts of a file as part of a language package, and whether its language is on the start path; null for others. */
export function addonFacts(
  path: string,
  index: AddonIndex,
): { readonly facts: FactTree; readonly loaded: boolean } | null {
  const addon = index.byPath.get(path);
  if (addon === undefined) return null;
  const { name, fits, platform } = addon;
  return {
    loaded: index.started.has(name.language),
    facts: {
      language: name.language,
      package: name.package,
      platform,
      fits,
      'sibling-fits': index.fitting.has(name.family),
      'portable-fallback': index.portable.has(name.family),
    },
  };
}
