import type { RootfsEntry } from '../model/rootfs.js';
import { execute } from './execute.js';
import { MAX_NOT_FOLLOWED, MAX_PROGRAMS, MAX_SCRIPT_CHARACTERS } from './limits.js';
import type { Next, Request } from './request.js';
import { searchProgram } from './search.js';
import { parseScript, type Script } from './shell/parser.js';
import { runScript, type ShellCommand, type ShellHost } from './shell/run.js';
import type { Field, Scope } from './shell/scope.js';
import { note, spend, weaker, type Walk } from './walk.js';

/** A text that a shell reads, and where it stands. */
interface ShellText {
  readonly text: string;
  /** Path of the file, or of the program whose argument it is. */
  readonly path: string;
  /** True where offsets are places in that file. */
  readonly isFile: boolean;
}

/** `sh -c text name args` */
export function followShellText(
  walk: Walk,
  index: number,
  request: Request,
  { text, name, args }: Extract<Next, { kind: 'shell-text' }>,
): void {
  runText(walk, index, request, { text, path: request.argv[0]?.text ?? 'sh', isFile: false }, name, args);
}

/** `sh file args`: as it stands, or without a slash also on PATH. */
export function followShellFile(
  walk: Walk,
  index: number,
  request: Request,
  file: Field,
  args: readonly Field[],
): void {
  const path = request.argv[0]?.text ?? 'sh';
  if (!file.known) {
    note(walk, path, `\`${file.text}\`, the script that it reads, depends on what is not known.`);
    return;
  }
  const script = findScript(walk, request, file.text);
  if (script === null) {
    const lookup = walk.rootfs.lookup(file.text, { workingDir: request.workingDir });
    walk.files.push({ runtime: 'sh', from: index, requested: file.text, lookup, certainty: request.certainty });
    return;
  }
  const lookup = walk.rootfs.lookup(script.path, { workingDir: request.workingDir });
  if (request.executedAs !== 'shebang') {
    walk.files.push({ runtime: 'sh', from: index, requested: file.text, lookup, certainty: request.certainty });
  }
  if (script.text === null) {
    note(walk, script.path, 'The text of the script was not kept.');
    return;
  }
  runText(walk, index, request, { text: script.text, path: script.path, isFile: true }, file.text, args);
}

function findScript(
  walk: Walk,
  request: Request,
  word: string,
): { readonly path: string; readonly text: string | null } | null {
  const here = readText(walk, request.workingDir, word);
  if (here !== null || word.includes('/')) return here;
  const { lookup } = searchProgram(word, { ...request, rootfs: walk.rootfs });
  return lookup.found ? readText(walk, request.workingDir, lookup.realPath) : null;
}

function readText(
  { rootfs }: Walk,
  workingDir: string,
  path: string,
): { readonly path: string; readonly text: string | null } | null {
  const lookup = rootfs.lookup(path, { workingDir });
  if (!lookup.found || lookup.entry.type !== 'file') return null;
  const { content } = lookup.entry;
  return { path: lookup.realPath, text: content?.kind === 'text' ? content.text : null };
}

function runText(
  walk: Walk,
  index: number,
  request: Request,
  source: ShellText,
  name: string,
  args: readonly Field[],
): void {
  if (source.text.length > MAX_SCRIPT_CHARACTERS) {
    note(walk, source.path, `Only the first ${MAX_SCRIPT_CHARACTERS} characters of the script are followed.`);
  }
  const text = source.text.slice(0, MAX_SCRIPT_CHARACTERS);
  const scope: Scope = {
    variables: new Map(Object.entries(request.environment)),
    exported: new Set(Object.keys(request.environment)),
    functions: new Map(),
    positional: args,
    positionalSure: true,
    name,
    workingDir: request.workingDir,
    errexit: /^#![^\n]*\s-\w*e/.test(text) || request.argv.slice(1, 3).some((each) => /^-\w*e\w*$/.test(each.text)),
  };
  const host = hostOf(walk, index, request, source);
  runScript(parseScript(text), text, scope, host, { tail: true, certainty: 'certain', calls: 0 });
}

function hostOf(walk: Walk, index: number, request: Request, source: ShellText): ShellHost {
  const { rootfs } = walk;
  const { user } = request;
  const search = { ...request, rootfs };
  return {
    run: (command) => runCommand(walk, index, request, source, command),
    source: (path, scope) => sourced(walk, scope.workingDir ?? request.workingDir, path),
    files: (operator, path) => testFile(walk, request, operator, path),
    which: (word) => {
      const { lookup, path } = searchProgram(word, search);
      if (lookup.found) return path;
      return lookup.reason === 'unknown' ? undefined : null;
    },
    uid: user.uid,
    userName: user.uid === 0 ? 'root' : userName(user.written),
    notFollowed: (text, at) => {
      if (walk.notFollowed.length >= MAX_NOT_FOLLOWED) return;
      note(walk, source.path, `${sentence(text)}${lineOf(source, at)}.`);
    },
    spend: (commands) => spend(walk, commands, source.path),
  };
}

function userName(written: string): string | null {
  const [name = ''] = written.split(':');
  return name === '' || /^\d+$/.test(name) ? null : name;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lineOf({ text, isFile }: ShellText, at: number): string {
  return isFile ? ` (line ${text.slice(0, at).split('\n').length})` : '';
}

function sourced(
  walk: Walk,
  workingDir: string,
  path: string,
): { readonly script: Script; readonly text: string } | null {
  const read = readText(walk, workingDir, path);
  if (read?.text == null) return null;
  const text = read.text.slice(0, MAX_SCRIPT_CHARACTERS);
  return { script: parseScript(text), text };
}

/** Places that the engine fills when the container starts. */
const FILLED = /^\/(?:proc|sys|dev|run|tmp|var\/run|var\/tmp|etc\/(?:hosts|hostname|resolv\.conf))(?:\/|$)/;

/** What test(1) says of a path, where the image alone decides: not in volumes, nor where the engine mounts something. */
function testFile(walk: Walk, request: Request, operator: string, path: string): boolean | null {
  if (path === '') return false;
  const absolute = path.startsWith('/') ? path : `${request.workingDir}/${path}`;
  const inVolume = walk.image.config.volumes.some((volume) => `${absolute}/`.startsWith(`${volume}/`));
  if (inVolume || FILLED.test(absolute)) return null;
  const lookup = walk.rootfs.lookup(path, { workingDir: request.workingDir });
  if (!lookup.found) return lookup.reason !== 'unknown' && /^-[edfxrwsLhp]$/.test(operator) ? false : null;
  if (operator === '-L' || operator === '-h') return lookup.links.some((link) => link.path === absolute);
  return FILE_TESTS[operator]?.(lookup.entry) ?? null;
}

const FILE_TESTS: Readonly<Record<string, (entry: RootfsEntry) => boolean>> = {
  '-e': () => true,
  '-f': ({ type }) => type === 'file',
  '-d': ({ type }) => type === 'directory',
  '-s': ({ type, size }) => type === 'directory' || size > 0,
  '-x': ({ mode }) => (mode & 0o111) !== 0,
};

function runCommand(walk: Walk, index: number, request: Request, source: ShellText, command: ShellCommand): void {
  const { path, isFile } = source;
  if (walk.programs.length >= MAX_PROGRAMS) return;
  const certainty = weaker(request.certainty, command.certainty);
  execute(walk, {
    ...request,
    argv: command.argv,
    executedAs: command.how === 'passing' ? 'command' : 'wrapped',
    from: index,
    certainty,
    environment: command.environment,
    workingDir: command.workingDir ?? request.workingDir,
    namedAt: isFile ? { path, offset: offsetOf(source.text, command.at), text: command.text } : null,
    scriptDepth: 0,
    chain: request.chain + 1,
  });
}

/** Characters become bytes: the place is one in the file. */
function offsetOf(text: string, at: number): number {
  return new TextEncoder().encode(text.slice(0, at)).length;
}
