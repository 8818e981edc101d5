import type { ImageAnalysis } from '../model/analysis.js';
import type { FileContent, HeadClass } from '../model/layer.js';
import type { RootfsEntry } from '../model/rootfs.js';
import type { FactTree, FactValue, SubjectFacts } from '../model/rule.js';
import type { Reach, Shebang, StartProgram } from '../model/start.js';
import { baseName, foundIn, isShellName, linkTexts, namesShell, shownWord } from './lookups.js';
import { architectureOf, machinesOf } from './machines.js';
import { baseProgram } from './windows-image.js';

const STRENGTH: Readonly<Record<Reach, number>> = { start: 2, later: 1, present: 0 };

export function weaker(left: Reach, right: Reach): Reach {
  return STRENGTH[left] <= STRENGTH[right] ? left : right;
}

export function stronger(left: Reach, right: Reach): Reach {
  return STRENGTH[left] >= STRENGTH[right] ? left : right;
}

/**
 * How far the start depends on each program, which is less than how it is reached (src/start/reach.ts). A command that a script runs on the way may be guarded or its failure
 * ignored, so it never decides; what is only likely decides one step less; and nothing decides more than its parent.
 */
export function decidingReaches(programs: readonly StartProgram[]): readonly Reach[] {
  const reaches: Reach[] = [];
  for (const program of programs) {
    const parent = program.from === null ? 'start' : (reaches[program.from] ?? 'present');
    reaches.push(weaker(parent, ownReach(program)));
  }
  return reaches;
}

function ownReach(program: StartProgram): Reach {
  const sure = program.certainty === 'certain';
  if (program.executedAs === 'command') return sure ? 'later' : 'present';
  return sure ? 'start' : 'later';
}

/** Facts of every program of the start path. */
export function collectPrograms(analysis: ImageAnalysis): readonly SubjectFacts[] {
  const { programs } = analysis.start;
  const reaches = decidingReaches(programs);
  return programs.map((program, index) => {
    const { lookup } = program;
    const reach = reaches[index] ?? 'present';
    return {
      path: lookup.found ? lookup.realPath : shownWord(program.requested),
      layer: lookup.found ? lookup.entry.layer : null,
      reach,
      facts: {
        'executed-as': program.executedAs,
        certainty: program.certainty,
        reach,
        ...requestFacts(program),
        ...lookupFacts(analysis, program),
        ...fileFacts(analysis, program),
        ...parentFacts(program, programs),
        shebang: shebangFacts(program.shebang),
        'script-depth': program.scriptDepth,
        'shell-script': program.shebang !== null && namesShell(program.shebang),
        interpreter: interpreterFacts(analysis, program),
      },
    };
  });
}

function requestFacts(program: StartProgram): FactTree {
  const { namedAt } = program;
  return {
    requested: shownWord(program.requested),
    'requested-name': shownWord(baseName(program.requested)),
    'has-slash': /[/\\]/.test(program.requested),
    argv: program.argv,
    searched: program.searched,
    'named-at': namedAt === null ? null : { path: namedAt.path, offset: namedAt.offset, text: namedAt.text },
  };
}

function lookupFacts(analysis: ImageAnalysis, program: StartProgram): FactTree {
  const { lookup, deniedAt } = program;
  const base = lookup.found ? null : baseProgram(analysis, program.requested);
  const found = base === null ? foundIn(analysis.rootfs, lookup) : null;
  return {
    found,
    'base-program': base,
    path: lookup.found ? lookup.realPath : found === undefined ? undefined : null,
    'not-found': notFoundFacts(program, found),
    links: linkTexts(lookup.links),
    'denied-at': deniedAt,
    'denied-at-directory': deniedAt === null ? null : lookup.found && deniedAt !== lookup.entry.path,
  };
}

function notFoundFacts(program: StartProgram, found: boolean | null | undefined): FactTree | null | undefined {
  const { lookup } = program;
  if (lookup.found || found === null) return null;
  if (found === undefined) return undefined;
  return { reason: lookup.reason, at: lookup.at, hidden: lookup.hiddenBy !== null };
}

function fileFacts(analysis: ImageAnalysis, program: StartProgram): FactTree {
  const { lookup } = program;
  if (!lookup.found) {
    // What a base brings is a Windows program; nothing more is known of it, and nothing more is asked.
    const ofBase = baseProgram(analysis, program.requested) !== null;
    return ofBase ? { ...notThere(false), format: 'pe' } : notThere(foundIn(analysis.rootfs, lookup));
  }
  const { entry } = lookup;
  return {
    'is-directory': entry.type === 'directory',
    special: entry.type === 'file' || entry.type === 'directory' || entry.type === 'symlink' ? null : entry.type,
    mode: entry.mode.toString(8).padStart(4, '0'),
    readable: readable(entry, analysis.start.user),
    executable: (entry.mode & 0o111) !== 0,
    ...kindFacts(program, entry),
    'size-bytes': entry.size,
    'body-carriage-returns': bodyCarriageReturns(entry.content),
    ...codeFacts(analysis, entry),
  };
}

/** Directories and devices have no content that a kernel could execute. */
function kindFacts(program: StartProgram, entry: RootfsEntry): FactTree {
  if (entry.type !== 'file') return { format: null, head: null };
  return { format: program.format === 'unknown' ? undefined : program.format, head: headOf(entry.content) };
}

/** Permission bits of reading (path_resolution(7)); root reads everything, and of a user without a number nothing is known. */
function readable(entry: RootfsEntry, user: ImageAnalysis['start']['user']): boolean | undefined {
  const { uid, gids } = user;
  if (uid === null) return undefined;
  if (uid === 0) return true;
  const bit = entry.uid === uid ? 0o400 : gids.includes(entry.gid) ? 0o040 : 0o004;
  return (entry.mode & bit) !== 0;
}

/** Nothing is known of a file that may be there; of one that is not there, that it has none of these. */
function notThere(found: boolean | undefined): FactTree {
  if (found === undefined) return {};
  return {
    'is-directory': false,
    special: null,
    mode: null,
    readable: null,
    executable: null,
    format: null,
    head: null,
    'size-bytes': null,
    'body-carriage-returns': null,
    ...NO_CODE,
  };
}

const NO_CODE: FactTree = {
  machine: null,
  architecture: null,
  'machine-compatible': null,
  managed: null,
  subsystem: null,
};

function codeFacts(analysis: ImageAnalysis, entry: RootfsEntry): FactTree {
  const { content } = entry;
  if (entry.type !== 'file') return NO_CODE;
  if (content === null || content.kind === 'damaged') return {};
  if (content.kind !== 'binary') return NO_CODE;
  const { binary } = content;
  const declared = machinesOf(analysis.image.platform.architecture);
  return {
    machine: binary.machine,
    architecture: architectureOf(binary.machine),
    'machine-compatible': declared === null ? null : declared.includes(binary.machine),
    managed: binary.format === 'pe' ? binary.clr !== null : null,
    subsystem: binary.format === 'pe' ? binary.subsystem : null,
  };
}

function headOf(content: FileContent | null): HeadClass | null | undefined {
  if (content === null) return undefined;
  return content.kind === 'text' || content.kind === 'head' ? content.head : null;
}

/** Heads of files that have lines. */
const TEXT_HEADS: ReadonlySet<HeadClass> = new Set(['script', 'script-crlf', 'script-bom', 'text']);

/** Whether a line behind the first ends in CR LF; unknown where the text was cut before one was seen. */
export function bodyCarriageReturns(content: FileContent | null): boolean | null | undefined {
  if (content === null) return undefined;
  if (content.kind === 'head') return TEXT_HEADS.has(content.head) ? undefined : null;
  if (content.kind !== 'text') return null;
  const firstEnd = content.text.indexOf('\n');
  if (firstEnd >= 0 && content.text.includes('\r\n', firstEnd + 1)) return true;
  return content.truncated ? undefined : false;
}

function parentFacts(program: StartProgram, programs: readonly StartProgram[]): FactTree {
  const parent = program.from === null ? undefined : programs[program.from];
  if (parent === undefined) return { parent: null, 'named-by': null, 'enoexec-fallback': false };
  const name = baseName(parent.requested);
  const path = parent.lookup.found ? parent.lookup.realPath : shownWord(parent.requested);
  return {
    parent: { path, name },
    'named-by': program.namedAt?.path ?? path,
    'enoexec-fallback': enoexecFallback(program, parent),
  };
}

/** Programs that execute another by execvp(3). */
const EXECVP_CALLERS: ReadonlySet<string> = new Set([
  'env',
  'tini',
  'dumb-init',
  'nice',
  'nohup',
  'setpriv',
  'timeout',
]);

/**
 * What becomes of ENOEXEC. The kernel and runc give up. A shell runs the file itself (POSIX, Shell Command Language,
 * 2.9.1.1); so does execvp(3) of glibc, but not of musl, which has no such fallback. Of other programs it is not known.
 */
function enoexecFallback(program: StartProgram, parent: StartProgram): boolean | undefined {
  if (program.executedAs !== 'wrapped' && program.executedAs !== 'command') return false;
  if (parent.format === 'script') return true;
  const name = baseName(parent.requested);
  if (isShellName(name)) return true;
  const loader = parent.closure?.loader;
  if (EXECVP_CALLERS.has(name) && loader !== undefined) {
    return loader === 'glibc' ? true : loader === 'musl' ? false : undefined;
  }
  return undefined;
}

function shebangFacts(shebang: Shebang | null): FactTree | null {
  if (shebang === null) return null;
  const inArgument = shebang.carriageReturn && shebang.argument !== null;
  return {
    interpreter: shebang.interpreter,
    'interpreter-shown': shownWord(shebang.interpreter),
    argument: shebang.argument === null ? null : shownWord(shebang.argument),
    'carriage-return': shebang.carriageReturn,
    'carriage-return-in': !shebang.carriageReturn ? null : inArgument ? 'argument' : 'interpreter',
    'too-long': shebang.tooLong,
    'interpreter-cut': shebang.tooLong && shebang.argument === null,
    relative: shebang.interpreter !== '' && !shebang.interpreter.startsWith('/'),
  };
}

function interpreterFacts(analysis: ImageAnalysis, program: StartProgram): FactValue {
  if (program.interpreter === null) return null;
  return { path: program.interpreter.path, found: foundIn(analysis.rootfs, program.interpreter.lookup) };
}
