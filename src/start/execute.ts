import type { Lookup, RootfsEntry } from '../model/rootfs.js';
import type { Shebang, StartProgram } from '../model/start.js';
import { resolveClosure, withMissingSymbols, type LoaderContext, type LoaderFile } from '../resolve/index.js';
import { slashed } from '../resolve/windows.js';
import { formatOf, shebangOf } from './format.js';
import { MAX_CHAIN, MAX_SCRIPT_DEPTH } from './limits.js';
import { deniedAt, isSecure } from './permissions.js';
import { known, textsOf, type Next, type Request } from './request.js';
import { runtimeNext } from './runtimes.js';
import { searchProgram } from './search.js';
import { followShellFile, followShellText } from './shell-script.js';
import { resolveUser } from './user.js';
import { addFile, addProgram, note, weaker, type Walk } from './walk.js';
import { isBatch } from './windows.js';
import { wrappedBy } from './wrappers.js';

/** A program that was found, while it is followed further. */
interface Started {
  readonly index: number;
  readonly request: Request;
  readonly entry: RootfsEntry;
  /** Path that was executed. */
  readonly path: string;
  readonly realPath: string;
}

/** Follows one execve(2): finds the program, then what it brings with it, then what it goes on to execute. */
export function execute(walk: Walk, request: Request): void {
  const [word] = request.argv;
  if (word === undefined || repeats(walk, request)) return;
  const { lookup, searched, path } = searchProgram(pathOf(word.text, walk, request), {
    ...request,
    rootfs: walk.rootfs,
  });
  const facts = fileFacts(walk, request, lookup);
  const index = addProgram(walk, {
    executedAs: request.executedAs,
    from: request.from,
    certainty: request.certainty,
    requested: word.text,
    argv: textsOf(request.argv),
    searched,
    lookup,
    scriptDepth: request.scriptDepth,
    namedAt: request.namedAt,
    ...facts,
  });
  if (index === null || !lookup.found) return;
  const { entry, realPath } = lookup;
  const started: Started = { index, request, entry, path: absolute(path, request.workingDir), realPath };
  if (facts.format === 'script') {
    followShebang(walk, started, facts.shebang);
    // npm and the like are scripts whose own code says nothing of what they are told to run.
    if (request.executedAs !== 'shebang') followNamed(walk, started, SCRIPTED);
    return;
  }
  if (facts.interpreter?.lookup.found === true) addInterpreter(walk, started, facts.interpreter.path);
  followOn(walk, started);
}

/** The kernel opens what a `#!` line names: no PATH, so that a bare name is looked for in the working directory. */
function pathOf(word: string, walk: Walk, { executedAs }: Request): string {
  return executedAs === 'shebang' && walk.rootfs.caseSensitive && word !== '' && !word.includes('/')
    ? `./${word}`
    : word;
}

type FileFacts = Pick<StartProgram, 'deniedAt' | 'format' | 'shebang' | 'closure' | 'interpreter'>;

/** What the kernel and the loader make of the file. */
function fileFacts(walk: Walk, request: Request, lookup: Lookup): FileFacts {
  if (!lookup.found) return { deniedAt: null, format: 'unknown', shebang: null, closure: null, interpreter: null };
  const { entry } = lookup;
  const format = formatOf(entry);
  return {
    deniedAt: walk.rootfs.caseSensitive ? deniedAt(lookup, request.user) : null,
    format,
    shebang: format === 'script' ? shebangOf(entry) : null,
    ...loadedProgram(walk, request, entry),
  };
}

/** Whether this very request was followed before, or led here too deeply. */
function repeats(walk: Walk, request: Request): boolean {
  const key = [
    request.workingDir,
    request.certainty,
    request.executedAs,
    request.user.uid,
    ...textsOf(request.argv),
  ].join('\0');
  if (walk.seen.has(key)) return true;
  walk.seen.add(key);
  if (request.chain <= MAX_CHAIN) return false;
  note(
    walk,
    request.argv[0]?.text ?? '',
    `More than ${MAX_CHAIN} programs execute one another; the rest is not followed.`,
  );
  return true;
}

function absolute(path: string, workingDir: string): string {
  if (path.startsWith('/')) return path;
  const relative = path.replace(/^(?:\.\/)+/, '');
  return `${workingDir === '/' ? '' : workingDir}/${relative}`;
}

type LoadedProgram = Pick<StartProgram, 'closure' | 'interpreter'>;

function loadedProgram(walk: Walk, request: Request, entry: RootfsEntry): LoadedProgram {
  const { content } = entry;
  if (content?.kind !== 'binary') return { closure: null, interpreter: null };
  const { rootfs } = walk;
  const { workingDir, environment } = request;
  const path = content.binary.format === 'elf' ? content.binary.interpreter : null;
  const lookup = path === null ? null : rootfs.lookup(path, { workingDir });
  const file: LoaderFile | null = path !== null && lookup?.found === true ? { path, entry: lookup.entry } : null;
  const context: LoaderContext = {
    rootfs,
    environment,
    workingDir,
    secure: isSecure(entry, request.user),
    // Left out where it is not there: the resolver tells what is certainly absent from what may be there.
    ...(file === null ? {} : { interpreter: file }),
  };
  const closure = withMissingSymbols(resolveClosure(entry, context), context);
  return { closure, interpreter: path === null || lookup === null ? null : { path, lookup } };
}

/** The kernel maps the loader as well; it is a program of its own in the list. */
function addInterpreter(walk: Walk, { index, request }: Started, path: string): void {
  const { rootfs } = walk;
  const lookup = rootfs.lookup(path, { workingDir: request.workingDir });
  const interpreter = lookup.found ? lookup.entry : null;
  addProgram(walk, {
    executedAs: 'interpreter',
    from: index,
    certainty: request.certainty,
    requested: path,
    argv: textsOf(request.argv),
    searched: [],
    lookup,
    deniedAt: deniedAt(lookup, request.user),
    format: interpreter === null ? 'unknown' : formatOf(interpreter),
    shebang: null,
    scriptDepth: request.scriptDepth,
    closure: null,
    interpreter: null,
    namedAt: null,
  });
}

/** `#!`: the kernel executes the interpreter with the script's path behind its one argument (Linux fs/binfmt_script.c). */
function followShebang(walk: Walk, { index, request, path }: Started, shebang: Shebang | null): void {
  if (shebang === null) {
    note(walk, path, 'The first line of the script was not kept.');
    return;
  }
  if (request.scriptDepth >= MAX_SCRIPT_DEPTH) {
    note(
      walk,
      path,
      `More than ${MAX_SCRIPT_DEPTH} scripts interpret one another; the kernel refuses that with ELOOP.`,
    );
    return;
  }
  const args = shebang.argument === null ? [] : [known(shebang.argument)];
  execute(walk, {
    ...request,
    argv: [known(shebang.interpreter), ...args, known(path), ...request.argv.slice(1)],
    executedAs: 'shebang',
    from: index,
    namedAt: { path, offset: 0, text: `#!${shebang.interpreter}` },
    scriptDepth: request.scriptDepth + 1,
    chain: request.chain + 1,
  });
}

/** What the program is known to go on to do. */
function followOn(walk: Walk, started: Started): void {
  const { request, path } = started;
  if (isBatch(path)) note(walk, path, 'Batch files are not followed.');
  else if (startsByShell(walk, started)) {
    followShellFile(walk, started.index, request, known(path), request.argv.slice(1));
  } else followNamed(walk, started, null);
}

/** Programs that are scripts and execute what their arguments name. */
const SCRIPTED: ReadonlySet<string> = new Set(
  'npm npx yarn yarnpkg pnpm xvfb-run wait-for-it wait-for-it.sh wait-for with-contenv ddtrace-run opentelemetry-instrument'.split(
    ' ',
  ),
);

/** Follows a wrapper or runtime that is known by its name. */
function followNamed(walk: Walk, started: Started, only: ReadonlySet<string> | null): void {
  const { request, path, realPath } = started;
  const [word = path, ...args] = calledAs(request.argv);
  for (const name of namesOf(typeof word === 'string' ? word : word.text, path, realPath)) {
    if (only !== null && !only.has(name)) continue;
    const wrapped = wrappedBy(name, args, request.environment);
    const found =
      wrapped === null ? runtimeNext({ ...request, rootfs: walk.rootfs, name, args, path, realPath }) : [wrapped];
    if (found === null) continue;
    for (const next of found) follow(walk, started, next);
    return;
  }
}

/** Programs that hold many others and take their first argument for the name of one. */
const MULTI_CALL = /(?:^|\/)(?:busybox|toybox)$/;

/** `busybox nice -n 1 node` is `nice -n 1 node`; `nice` through a link to busybox has its name already. */
function calledAs(argv: Request['argv']): Request['argv'] {
  return MULTI_CALL.test(argv[0]?.text ?? '') ? argv.slice(1) : argv;
}

/** A text without `#!` that a shell was asked to execute is read by that shell (POSIX, 2.9.1.1). */
function startsByShell(walk: Walk, { entry, request }: Started): boolean {
  if (formatOf(entry) !== 'text' || entry.content?.kind !== 'text' || entry.content.head !== 'text') return false;
  const parent = request.from === null ? undefined : walk.programs[request.from];
  return parent !== undefined && /(?:^|\/)(?:ba|da|a|k|z)?sh$/.test(parent.requested);
}

/** Names that a program may go by: as asked for, and where links lead; without directory, version and `.exe`. */
function namesOf(word: string, path: string, realPath: string): readonly string[] {
  const names = [word, path, realPath].flatMap((each) => {
    const base = slashed(each)
      .replace(/^.*\//, '')
      .replace(/\.(?:exe|cmd|bat)$/i, '');
    return [base, base.toLowerCase(), base.replace(/-?\d+(?:\.\d+)*$/, '')];
  });
  return [...new Set(names)];
}

function follow(walk: Walk, { index, request, path }: Started, next: Next): void {
  switch (next.kind) {
    case 'not-followed': {
      note(walk, path, `${next.text}.`);
      return;
    }
    case 'load': {
      addFile(walk, index, request, next);
      return;
    }
    case 'shell-text': {
      followShellText(walk, index, request, next);
      return;
    }
    case 'shell-file': {
      followShellFile(walk, index, request, next.path, next.args);
      return;
    }
    case 'run': {
      followRun(walk, index, request, next);
      return;
    }
  }
}

function followRun(walk: Walk, index: number, request: Request, next: Extract<Next, { kind: 'run' }>): void {
  const executedAs = next.executedAs ?? 'wrapped';
  const [first] = next.argv;
  if (first?.known !== true) {
    note(
      walk,
      request.argv[0]?.text ?? '',
      `\`${first?.text ?? ''}\`, which it executes, depends on what is not known.`,
    );
    return;
  }
  execute(walk, {
    ...request,
    argv: next.argv,
    executedAs,
    from: index,
    certainty: weaker(request.certainty, executedAs === 'command' ? 'likely' : 'certain'),
    environment: next.environment ?? request.environment,
    workingDir: next.workingDir ?? request.workingDir,
    user: next.user === undefined ? request.user : resolveUser(next.user, walk.rootfs),
    scriptDepth: 0,
    chain: request.chain + 1,
  });
}
