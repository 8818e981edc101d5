import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { followStart } from '../../src/start/index.js';
import { parseScript } from '../../src/start/shell/parser.js';
import { rootfs, type RootfsSpec } from '../support/rootfs-builder.js';
import { imageOf, script, staticProgram } from '../support/start-builder.js';
import { randomScript, STUBS, type RandomScript } from './resolve.random-scripts.js';
import { debianRoot } from './resolve.rootfs.js';
import { workFolder } from './support/work.js';

/** Every shell script of this machine and of the Debian image that bash accepts is read to its end. Needs bash. */
const FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/share', '/etc', '/var/lib/dpkg/info'];
const MAX_BYTES = 256 * 1024;

function scriptsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each): readonly string[] => {
    const path = join(folder, each.name);
    if (each.isDirectory()) return scriptsBelow(path);
    return each.isFile() && isScript(path) ? [path] : [];
  });
}

function isScript(path: string): boolean {
  const { size } = lstatSync(path);
  if (size < 10 || size > MAX_BYTES) return false;
  return /^#! *\S*?\b(?:bash|dash|sh)\b/.test(readFileSync(path).subarray(0, 64).toString('latin1'));
}

test('shell scripts are read to their end', () => {
  const root = debianRoot();
  const paths = [...FOLDERS, ...FOLDERS.map((folder) => join(root, folder))].flatMap(scriptsBelow);
  const accepted = paths.filter((path) => spawnSync('bash', ['-n', path]).status === 0);
  const broken = accepted.filter((path) => parseScript(readFileSync(path, 'utf8')).brokenAt !== null);
  console.log(`${accepted.length} shell scripts read, ${broken.length} not to their end`);
  expect(accepted.length).toBeGreaterThan(500);
  expect(broken).toEqual([]);
});

const SCRIPTS = 1000;

/** Runs the script with dash and gives the command lines of the programs that it executed, each once. */
function executedBy({ text, args, environment }: RandomScript, folder: string): ReadonlySet<string> | null {
  const path = join(folder, 'script');
  const log = join(folder, 'log');
  rmSync(log, { force: true });
  writeFileSync(path, text);
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, LOG: log, HOME: '/root', ...environment };
  const run = spawnSync('/bin/dash', [path, ...args], { env, encoding: 'utf8', cwd: '/', timeout: 10_000 });
  if (run.status === null || run.stderr.includes('Syntax error')) return null;
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  return new Set(lines.filter((line) => line !== ''));
}

function followedIn({ text, args, environment }: RandomScript): ReturnType<typeof followStart>['programs'] {
  const stubs: RootfsSpec = Object.fromEntries(STUBS.map((name) => [`/stubs/${name}`, staticProgram()]));
  const env = ['PATH=/stubs:/usr/bin:/bin', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)];
  const root = rootfs({ ...stubs, '/bin/dash': staticProgram(), '/script': script('#!/bin/dash', text) });
  const { programs } = followStart(imageOf({ cmd: ['/bin/dash', '/script', ...args], env }), root);
  return programs.filter(({ requested, executedAs }) => /^p\d$/.test(requested) && executedAs !== 'interpreter');
}

test('random scripts execute what is said to be certain, and nothing that is not said', () => {
  const folder = workFolder('shell');
  const stub = `#!/bin/dash\n{ printf '%s' "\${0##*/}"; for a in "$@"; do printf ' %s' "$a"; done; echo; } >> "$LOG"\n`;
  for (const name of STUBS) writeFileSync(join(workFolder('shell', 'bin'), name), stub, { mode: 0o755 });
  let compared = 0;
  let certain = 0;
  for (let seed = 1; seed <= SCRIPTS; seed += 1) {
    const random = randomScript(seed);
    const executed = executedBy(random, folder);
    if (executed === null) continue;
    const programs = followedIn(random);
    const sure = programs.filter((each) => each.certainty === 'certain').map(({ argv }) => argv.join(' '));
    const said = new Set(programs.map(({ argv }) => argv.join(' ')));
    compared += 1;
    certain += sure.length;
    const wrong = {
      notExecuted: sure.filter((line) => !executed.has(line)),
      notSaid: [...executed].filter((line) => !said.has(line)),
    };
    expect({ seed, ...random, ...wrong }).toEqual({ seed, ...random, notExecuted: [], notSaid: [] });
  }
  console.log(`${compared} random scripts run by dash: ${certain} certain commands, all executed`);
  expect(compared).toBeGreaterThan(SCRIPTS / 2);
});
