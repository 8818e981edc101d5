import type { Rootfs } from '../model/rootfs.js';
import { splitOptions, type OptionRules } from './options.js';
import { known, type Next } from './request.js';
import type { RuntimeCall } from './runtimes.js';

const NODE_RULES: OptionRules = {
  valued: [
    '-r',
    '--require',
    '--import',
    '--loader',
    '--experimental-loader',
    '-C',
    '--conditions',
    '--env-file',
    '-e',
  ].concat(['--eval', '-p', '--print', '--title', '--icu-data-dir', '--openssl-config', '--watch-path', '--run']),
  clustered: false,
};

/** node(1): the first word that is no option, found as CommonJS finds a main module; modules of `-r` before it. */
export function nodeScripts({ args }: RuntimeCall): readonly Next[] {
  const { options, rest } = splitOptions(args, NODE_RULES);
  const required = options.flatMap(({ name, value }): readonly Next[] => {
    const isFile = value?.known === true && /^(?:\.{0,2}\/|file:)/.test(value.text);
    if (!['-r', '--require', '--import'].includes(name) || !isFile) return [];
    return [{ kind: 'load', runtime: 'node', paths: modulePaths(value.text.replace(/^file:\/\//, '')) }];
  });
  if (options.some(({ name }) => ['-e', '--eval', '-p', '--print'].includes(name))) return required;
  const [script] = rest;
  if (script === undefined || script.text === '-') return required;
  if (!script.known)
    return [...required, { kind: 'not-followed', text: 'the script that `node` runs depends on what is not known' }];
  return [...required, { kind: 'load', runtime: 'node', paths: modulePaths(script.text) }];
}

/** Places in the order of Module._findPath (Node.js, lib/internal/modules/cjs/loader.js); `package.json` `main` is read there. */
function modulePaths(path: string): readonly string[] {
  const base = path.replace(/\/+$/, '');
  return [path, `${base}.js`, `${base}.json`, `${base}.node`, `${base}/package.json`, `${base}/index.js`];
}

/** Bytes of package.json are JSON; what is not an object of strings is left out. */
function scriptsOf(rootfs: Rootfs, path: string, workingDir: string): Readonly<Record<string, string>> | null {
  const json = packageJson(rootfs, path, workingDir);
  if (json === null) return null;
  const scripts: unknown = json['scripts'];
  if (typeof scripts !== 'object' || scripts === null) return {};
  return Object.fromEntries(
    Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function packageJson(rootfs: Rootfs, path: string, workingDir: string): Readonly<Record<string, unknown>> | null {
  const lookup = rootfs.lookup(path, { workingDir });
  if (!lookup.found || lookup.entry.content?.kind !== 'text') return null;
  try {
    const value: unknown = JSON.parse(lookup.entry.content.text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** `main` of a package directory. */
export function packageMain(rootfs: Rootfs, path: string, workingDir: string): string | null {
  const main = packageJson(rootfs, path, workingDir)?.['main'];
  return typeof main === 'string' && main !== '' ? main : null;
}

/** Words that npm and its kin take as their own commands and not as names of scripts. */
const OWN_COMMANDS: ReadonlySet<string> = new Set(
  'install i ci add remove uninstall update audit config cache init link list ls outdated pack publish rebuild version view why'.split(
    ' ',
  ),
);

/** Commands that name a script of package.json themselves. */
const SHORTHANDS: ReadonlySet<string> = new Set(['start', 'test', 'stop', 'restart']);

const PACKAGE_RULES: OptionRules = {
  valued: ['--prefix', '-C', '--dir', '--cwd', '-w', '--workspace', '-p', '-c'],
  clustered: false,
};
const DIRECTORY_OPTIONS: readonly string[] = ['--prefix', '-C', '--dir', '--cwd'];

/** `npm start`, `npm run x`, `yarn x`: the text under `scripts` is run by `sh -c`, with `node_modules/.bin` on PATH. */
export function packageScript(call: RuntimeCall): readonly Next[] {
  const { name, args } = call;
  const { options, rest } = splitOptions(args, PACKAGE_RULES);
  const prefix = options.find((option) => DIRECTORY_OPTIONS.includes(option.name))?.value?.text;
  const directory = directoryOf(call, prefix);
  const [verb] = rest;
  if (verb?.known !== true) return [];
  if (name === 'npx' || /^(?:exec|dlx)$/.test(verb.text))
    return runTool(call, directory, rest.slice(name === 'npx' ? 0 : 1));
  return runNamed(
    call,
    directory,
    rest.map(({ text }) => text),
  );
}

/** The script that the words name. */
function runNamed(call: RuntimeCall, directory: string, words: readonly string[]): readonly Next[] {
  const isRun = /^(?:run|run-script|rum|urn)$/.test(words[0] ?? '');
  const [script, ...more] = isRun ? words.slice(1) : words;
  if (script === undefined || (!isRun && isOwnCommand(call.name, script))) return [];
  const extra = more.filter((text) => text !== '--');
  return runScripts(call, directory, script, extra);
}

function directoryOf({ workingDir }: RuntimeCall, prefix: string | undefined): string {
  if (prefix === undefined) return workingDir;
  return prefix.startsWith('/') ? prefix : `${workingDir}/${prefix}`;
}

/** npm runs only a few scripts without `run`; yarn and pnpm run every one that is no command of theirs. */
function isOwnCommand(name: string, word: string): boolean {
  return OWN_COMMANDS.has(word) || (name === 'npm' && !SHORTHANDS.has(word));
}

function runTool(call: RuntimeCall, directory: string, rest: RuntimeCall['args']): readonly Next[] {
  const words = rest[0]?.text === '--' ? rest.slice(1) : rest;
  if (words.length === 0) return [];
  return [{ kind: 'run', argv: words, environment: withLocalBin(call, directory), workingDir: directory }];
}

function withLocalBin({ environment }: RuntimeCall, directory: string): Readonly<Record<string, string>> {
  return {
    ...environment,
    PATH: `${directory === '/' ? '' : directory}/node_modules/.bin:${environment['PATH'] ?? ''}`,
  };
}

function runScripts(call: RuntimeCall, directory: string, script: string, extra: readonly string[]): readonly Next[] {
  const path = `${directory === '/' ? '' : directory}/package.json`;
  const scripts = scriptsOf(call.rootfs, path, directory);
  if (scripts === null)
    return [{ kind: 'not-followed', text: `\`${path}\`, which names the script \`${script}\`, could not be read` }];
  const environment = withLocalBin(call, directory);
  const byDefault = script === 'start' ? 'node server.js' : undefined;
  const text = scripts[script] ?? byDefault;
  if (text === undefined) return [{ kind: 'not-followed', text: `\`${path}\` has no script \`${script}\`` }];
  const before = scripts[`pre${script}`];
  const line = [text, ...extra].join(' ');
  const shellOf = (command: string, executedAs: 'wrapped' | 'command'): Next => ({
    kind: 'run',
    argv: ['sh', '-c', command].map(known),
    environment,
    workingDir: directory,
    executedAs,
  });
  return [...(before === undefined ? [] : [shellOf(before, 'command')]), shellOf(line, 'wrapped')];
}
