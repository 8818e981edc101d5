import type { Image } from '../model/image.js';
import type { Lookup, Rootfs } from '../model/rootfs.js';
import type { Certainty, StartFile, StartProgram } from '../model/start.js';
import { MAX_COMMANDS, MAX_FILES, MAX_NOT_FOLLOWED, MAX_PROGRAMS } from './limits.js';
import { packageMain } from './node.js';
import type { Next, Request } from './request.js';

/** Everything that is found while a start is followed. */
export interface Walk {
  readonly image: Image;
  readonly rootfs: Rootfs;
  readonly programs: StartProgram[];
  readonly files: StartFile[];
  readonly notFollowed: { readonly path: string; readonly text: string }[];
  /** Requests that were followed already, so that loops end. */
  readonly seen: Set<string>;
  commands: number;
}

export function startWalk(image: Image, rootfs: Rootfs): Walk {
  return { image, rootfs, programs: [], files: [], notFollowed: [], seen: new Set(), commands: 0 };
}

/** Notes what could not be followed, each sentence once. */
export function note(walk: Walk, path: string, text: string): void {
  if (walk.notFollowed.some((each) => each.path === path && each.text === text)) return;
  if (walk.notFollowed.length < MAX_NOT_FOLLOWED) walk.notFollowed.push({ path, text });
}

/** Adds a program; null where there are too many. */
export function addProgram(walk: Walk, program: StartProgram): number | null {
  if (walk.programs.length >= MAX_PROGRAMS) {
    note(walk, program.requested, `More than ${MAX_PROGRAMS} programs are executed; the rest is not followed.`);
    return null;
  }
  walk.programs.push(program);
  return walk.programs.length - 1;
}

/** Counts shell commands; false when there were too many. */
export function spend(walk: Walk, commands: number, path: string): boolean {
  walk.commands += commands;
  if (walk.commands <= MAX_COMMANDS) return true;
  note(walk, path, `Scripts have more than ${MAX_COMMANDS} commands; the rest is not followed.`);
  return false;
}

/** Adds the file that a runtime is told to run: the first candidate that is there, or the first of all. */
export function addFile(walk: Walk, from: number, request: Request, next: Extract<Next, { kind: 'load' }>): void {
  const { rootfs, files } = walk;
  const [first = ''] = next.paths;
  let chosen: Lookup | null = null;
  for (const path of next.paths) {
    const lookup = lookUpFile(rootfs, path, request.workingDir);
    if (lookup === null) continue;
    chosen = lookup;
    break;
  }
  const lookup = chosen ?? rootfs.lookup(first, { workingDir: request.workingDir });
  const requested = next.requested ?? first;
  if (chosen === null && next.requested !== undefined) {
    note(walk, first, `\`${next.runtime} ${requested}\` was not found where ${next.runtime} is known to look.`);
  }
  if (files.length >= MAX_FILES) {
    note(walk, first, `More than ${MAX_FILES} files are loaded; the rest is left out.`);
    return;
  }
  // A module may also come from a place that is not known, such as one that a `.pth` file names.
  const certainty = chosen === null && next.requested !== undefined ? 'likely' : certaintyOf(walk, from);
  files.push({ runtime: next.runtime, from, requested, lookup, certainty });
}

/** A regular file at the path; a package.json leads on to what it names. */
function lookUpFile(rootfs: Rootfs, path: string, workingDir: string): Lookup | null {
  const lookup = rootfs.lookup(path, { workingDir });
  if (!lookup.found) return lookup.reason === 'unknown' ? lookup : null;
  if (lookup.entry.type !== 'file') return null;
  if (!path.endsWith('/package.json')) return lookup;
  const main = packageMain(rootfs, path, workingDir);
  if (main === null) return null;
  const base = `${path.replace(/package\.json$/, '')}${main.replace(/\/+$/, '')}`;
  for (const candidate of [base, `${base}.js`, `${base}.json`, `${base}/index.js`]) {
    const found = rootfs.lookup(candidate, { workingDir });
    if (found.found && found.entry.type === 'file') return found;
  }
  return null;
}

function certaintyOf(walk: Walk, index: number): Certainty {
  return walk.programs[index]?.certainty ?? 'likely';
}

/** The weaker of two. */
export function weaker(left: Certainty, right: Certainty): Certainty {
  return left === 'likely' || right === 'likely' ? 'likely' : 'certain';
}
