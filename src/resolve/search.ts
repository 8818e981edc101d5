import type { ElfBinary } from '../model/binary.js';
import type { LookedIn, Resolution, ResolutionStep } from '../model/resolution.js';
import type { Lookup, Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { Found } from './link-map.js';
import { joined } from './paths.js';

/** Directories that one search may visit; what is behind them is not looked at. */
export const MAX_DIRECTORIES = 256;

type Saw = ResolutionStep['saw'];

/** Lookups of one rootfs, each done once. Library names are asked for again and again. */
export class Lookups {
  readonly #rootfs: Rootfs;
  readonly #workingDir: string;
  readonly #memo = new Map<string, Lookup>();

  constructor(rootfs: Rootfs, workingDir: string) {
    this.#rootfs = rootfs;
    this.#workingDir = workingDir;
  }

  at(path: string): Lookup {
    let lookup = this.#memo.get(path);
    if (lookup === undefined) {
      lookup = this.#rootfs.lookup(path, { workingDir: this.#workingDir });
      this.#memo.set(path, lookup);
    }
    return lookup;
  }

  isDirectory(path: string): boolean {
    const lookup = this.at(path === '' ? '.' : path);
    return lookup.found && lookup.entry.type === 'directory';
  }
}

/** What a loader for this program sees in a file that it opened. */
export function sawIn(entry: RootfsEntry, program: ElfBinary): Saw {
  if (entry.type !== 'file') return 'not-a-binary';
  const { content } = entry;
  if (content === null) return entry.size === 0 ? 'not-a-binary' : 'unreadable';
  if (content.kind === 'damaged') return content.format === 'elf' ? 'unreadable' : 'not-a-binary';
  if (content.kind !== 'binary' || content.binary.format !== 'elf') return 'not-a-binary';
  const { binary } = content;
  if (binary.bits !== program.bits) return 'wrong-class';
  if (binary.machine !== program.machine) return 'wrong-machine';
  if (binary.endianness !== program.endianness) return 'not-a-binary';
  return isShared(binary) ? 'match' : 'not-a-binary';
}

/** Solaris Linker and Libraries Guide, "DT_FLAGS_1"; glibc refuses such a file as a library (elf/dl-load.c). */
const DF_1_PIE = 0x08000000;

function isShared(binary: ElfBinary): boolean {
  if ((binary.dtFlags1 & DF_1_PIE) !== 0) return false;
  return binary.kind === 'shared-object' || binary.kind === 'pie' || binary.kind === 'static-pie';
}

/** A search for one name while it goes on. */
export class Trail {
  readonly #name: string;
  readonly #steps: ResolutionStep[] = [];
  readonly #seen = new Set<string>();
  #unknown = false;

  constructor(name: string) {
    this.#name = name;
  }

  step(lookedIn: LookedIn, directory: string, saw: Saw): void {
    const key = `${lookedIn}\0${directory}\0${saw}`;
    if (this.#seen.has(key)) return;
    if (this.#steps.length >= MAX_DIRECTORIES) {
      this.doubt();
      return;
    }
    this.#seen.add(key);
    this.#steps.push({ lookedIn, directory, saw });
  }

  /** Something that may hold it could not be read, or depends on the machine. */
  doubt(): void {
    this.#unknown = true;
  }

  found(path: string, lookup: Extract<Lookup, { found: true }>): Found {
    return {
      entry: lookup.entry,
      resolution: {
        needed: this.#name,
        path,
        realPath: lookup.realPath,
        links: lookup.links,
        trail: this.#steps,
        status: 'found',
        delayLoaded: false,
      },
    };
  }

  notFound(status: Exclude<Resolution['status'], 'found'> = this.#unknown ? 'unknown' : 'missing'): Found {
    return {
      entry: null,
      resolution: {
        needed: this.#name,
        path: null,
        realPath: null,
        links: [],
        trail: this.#steps,
        status,
        delayLoaded: false,
      },
    };
  }
}

/** What became of one attempt to open a file: go on, stop for good, or take it. */
export type Attempt =
  | { readonly kind: 'absent' }
  | { readonly kind: 'skipped'; readonly saw: Saw }
  | {
      readonly kind: 'opened';
      readonly saw: Saw;
      readonly path: string;
      readonly lookup: Extract<Lookup, { found: true }>;
    }
  | { readonly kind: 'unknown' };

/** Opens a path and looks at what is there. */
export function attempt(lookups: Lookups, path: string, program: ElfBinary): Attempt {
  const lookup = lookups.at(path);
  if (lookup.found) return { kind: 'opened', saw: sawIn(lookup.entry, program), path, lookup };
  if (lookup.reason === 'unknown') return { kind: 'unknown' };
  return lookup.reason === 'loop' ? { kind: 'skipped', saw: 'unreadable' } : { kind: 'absent' };
}

/** The same in a directory; an empty one is the working directory. */
export function attemptIn(lookups: Lookups, directory: string, name: string, program: ElfBinary): Attempt {
  return attempt(lookups, directory === '' ? name : joined(directory, name), program);
}
