import type { Rootfs } from '../model/rootfs.js';
import type { Environment } from './environment.js';
import { nodeScripts, packageScript } from './node.js';
import { optionValue, splitOptions, type OptionRules } from './options.js';
import { pythonScripts } from './python.js';
import { known, type Next } from './request.js';
import type { Field } from './shell/scope.js';
import { splitCommandLine } from './windows.js';

/** What a runtime sees of its start. */
export interface RuntimeCall {
  /** Name it was called by, without version, directory and `.exe`. */
  readonly name: string;
  readonly args: readonly Field[];
  readonly rootfs: Rootfs;
  readonly environment: Environment;
  readonly workingDir: string;
  /** Path that was executed, and where links lead from there. */
  readonly path: string;
  readonly realPath: string;
}

interface Runtime {
  readonly names: readonly string[];
  readonly next: (call: RuntimeCall) => readonly Next[];
}

const SHELL_RULES: OptionRules = { valued: ['-o', '+o', '-O', '--rcfile', '--init-file'], prefixes: ['-', '+'] };

function shell({ args, name }: RuntimeCall): readonly Next[] {
  const split = splitOptions(args, SHELL_RULES);
  const [first, second, ...others] = split.rest;
  if (split.options.some((option) => option.name === '-c')) {
    if (first === undefined) return [];
    if (!first.known) return [{ kind: 'not-followed', text: `\`${name} -c\` with a text that is not known` }];
    return [{ kind: 'shell-text', text: first.text, name: second?.text ?? name, args: others }];
  }
  if (first === undefined || split.options.some((option) => option.name === '-s')) return [];
  return [{ kind: 'shell-file', path: first, args: split.rest.slice(1) }];
}

const JAVA_RULES: OptionRules = {
  valued: [
    '-cp',
    '-classpath',
    '--class-path',
    '-p',
    '--module-path',
    '-m',
    '--module',
    '-jar',
    '--add-modules',
  ].concat([
    '--add-opens',
    '--add-exports',
    '--add-reads',
    '--limit-modules',
    '--upgrade-module-path',
    '--patch-module',
  ]),
  clustered: false,
};

/** java(1): `-jar` names the file; otherwise the class path holds the main class. */
function java({ args }: RuntimeCall): readonly Next[] {
  const split = splitOptions(args, JAVA_RULES);
  const agents = split.options.flatMap(({ name }): readonly Next[] => {
    const path = /^-javaagent:([^=]+)/.exec(name)?.[1] ?? /^-agentpath:([^=]+)/.exec(name)?.[1];
    return path === undefined ? [] : [load('java', [path])];
  });
  const jar = optionValue(split, '-jar');
  if (jar !== null) return [...agents, jar.known ? load('java', [jar.text]) : unknownFile('java -jar')];
  const classPath = optionValue(split, '-cp', '-classpath', '--class-path');
  const entries = (classPath?.text ?? '').split(':').filter((each) => each !== '' && !each.includes('*'));
  return [...agents, ...entries.map((each) => load('java', [each]))];
}

const DOTNET_RULES: OptionRules = {
  valued: [
    '--additionalprobingpath',
    '--additional-deps',
    '--depsfile',
    '--runtimeconfig',
    '--fx-version',
    '--roll-forward',
  ],
};

function dotnet({ args }: RuntimeCall): readonly Next[] {
  const words = args[0]?.text === 'exec' ? args.slice(1) : args;
  const [first] = splitOptions(words, DOTNET_RULES).rest;
  if (first === undefined) return [];
  if (!first.known) return [unknownFile('dotnet')];
  if (/\.(?:dll|exe)$/i.test(first.text)) return [load('dotnet', [slashedFor(first.text)])];
  return first.text === 'run' ? [{ kind: 'not-followed', text: '`dotnet run` builds the program when it starts' }] : [];
}

function slashedFor(path: string): string {
  return path.replaceAll('\\', '/');
}

/** A runtime whose first word that is no option is the file that it runs. */
function firstFile(runtime: string, valued: readonly string[], inline: readonly string[]): Runtime['next'] {
  return ({ args }) => {
    const split = splitOptions(args, { valued });
    if (split.options.some(({ name }) => inline.includes(name))) return [];
    const file = optionValue(split, '-f', '--file', '-File') ?? split.rest[0];
    if (file === undefined) return [];
    return [file.known ? load(runtime, [slashedFor(file.text)]) : unknownFile(runtime)];
  };
}

function load(runtime: string, paths: readonly string[]): Next {
  return { kind: 'load', runtime, paths };
}

function unknownFile(what: string): Next {
  return { kind: 'not-followed', text: `the file that \`${what}\` runs depends on what is not known` };
}

/** powershell.exe, pwsh: `-File x.ps1`; `-Command` is PowerShell's own language and is not followed. */
function powershell({ args }: RuntimeCall): readonly Next[] {
  const at = args.findIndex(({ text }) => /^-f(?:ile)?$/i.test(text));
  const bare = args.findIndex(({ text }) => /\.ps1$/i.test(text));
  const file = at >= 0 ? args[at + 1] : bare >= 0 ? args[bare] : undefined;
  if (file !== undefined) return [file.known ? load('powershell', [slashedFor(file.text)]) : unknownFile('powershell')];
  const command = args.findIndex(({ text }) => /^-c(?:ommand)?$/i.test(text));
  const text = args
    .slice(command >= 0 ? command + 1 : args.length)
    .map((word) => word.text)
    .join(' ');
  return text === '' ? [] : [{ kind: 'not-followed', text: `PowerShell runs \`${text.slice(0, 120)}\`` }];
}

/** cmd.exe /S /C: everything behind is one command line, perhaps in quotes; `&&` and `&` join several. */
function cmd({ args }: RuntimeCall): readonly Next[] {
  const at = args.findIndex(({ text }) => /^\/[ck]$/i.test(text));
  if (at < 0) return [];
  const line = args
    .slice(at + 1)
    .map(({ text }) => text)
    .join(' ')
    .replace(/^"([^]*)"$/, '$1');
  const parts = line.split(/\s*(?:&&|&|\|\|)\s*/).filter((each) => each !== '');
  return parts.flatMap((part, index): readonly Next[] => {
    const words = splitCommandLine(part.replace(/^\s*(?:call|start(?:\s+\/\w+)*)\s+/i, ''));
    const [word] = words;
    if (word === undefined || CMD_INTERNAL.has(word.toLowerCase())) return [];
    if (word.includes('%')) return [{ kind: 'not-followed', text: `\`${word}\` depends on a variable` }];
    return [{ kind: 'run', argv: words.map(known), executedAs: index === parts.length - 1 ? 'wrapped' : 'command' }];
  });
}

/** Commands that cmd.exe carries out itself. */
const CMD_INTERNAL: ReadonlySet<string> = new Set(
  'assoc call cd chdir cls color copy date del dir echo endlocal erase exit for ftype goto if md mkdir mklink move path pause popd prompt pushd rd rem ren rename rmdir set setlocal shift start time title type ver verify vol'.split(
    ' ',
  ),
);

const PHP_VALUED = ['-c', '-d', '-f', '-S', '-t', '-z', '-r', '-B', '-R', '-F', '-E'];

export const runtimes: readonly Runtime[] = [
  { names: ['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh', 'rbash', 'busybox-sh'], next: shell },
  { names: ['node', 'nodejs'], next: nodeScripts },
  { names: ['npm', 'yarn', 'yarnpkg', 'pnpm', 'npx'], next: packageScript },
  { names: ['python', 'pypy', 'pypy3'], next: pythonScripts },
  { names: ['java'], next: java },
  { names: ['dotnet'], next: dotnet },
  { names: ['php', 'php-cgi'], next: firstFile('php', PHP_VALUED, ['-r', '-S', '-a', '-i', '-v', '-m']) },
  { names: ['ruby', 'jruby'], next: firstFile('ruby', ['-I', '-r', '-C', '-E', '-e'], ['-e', '-S']) },
  { names: ['perl'], next: firstFile('perl', ['-I', '-e', '-E'], ['-e', '-E']) },
  { names: ['lua', 'luajit'], next: firstFile('lua', ['-e', '-l'], []) },
  { names: ['Rscript'], next: firstFile('R', ['-e', '--default-packages'], ['-e']) },
  { names: ['tsx', 'ts-node', 'bun', 'deno', 'nodemon', 'pm2-runtime', 'pm2'], next: scriptRunner },
  { names: ['powershell', 'pwsh'], next: powershell },
  { names: ['cmd'], next: cmd },
];

/** Runners of scripts that may have a verb in front: `bun run x.ts`, `deno run -A x.ts`. */
function scriptRunner({ args, name }: RuntimeCall): readonly Next[] {
  const [first, ...others] = args;
  const verb = /^(?:run|start|watch)$/.test(first?.text ?? '');
  const file = splitOptions(verb ? others : args, { valued: [], clustered: false }).rest[0];
  if (file === undefined || !file.known || !/\.[cm]?[jt]sx?$/.test(file.text)) return [];
  return [load(name, [file.text])];
}

const BY_NAME: ReadonlyMap<string, Runtime> = new Map(
  runtimes.flatMap((runtime) => runtime.names.map((name) => [name, runtime] as const)),
);

/** What a runtime is told to run; null where the program is none. */
export function runtimeNext(call: RuntimeCall): readonly Next[] | null {
  return BY_NAME.get(call.name)?.next(call) ?? null;
}
