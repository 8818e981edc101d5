import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workFolder } from '../support/work.js';
import { run } from './command.js';
import { DEFAULT_PATH, type StartConfig } from './layout.js';

/** How a start ended, as the kernel, the loader or the program itself says. */
export interface Execution {
  /** `starts`, an errno, `user`, `loader`, `program`: a program on the way says that what it was to run is not there. */
  readonly kind: string;
  /** The very words, for the table. */
  readonly says: string;
  /** What the loader names; empty where nothing is named. */
  readonly culprits: readonly string[];
  readonly exitCode: number | null;
  readonly output: string;
}

const TIMEOUT_MS = 60_000;
const BINFMT_FOLDER = '/usr/lib/binfmt.d';

/** The launcher, compiled once (fixtures/programs/launch.c). */
function launcher(): string {
  const source = fileURLToPath(new URL('../../../fixtures/programs/launch.c', import.meta.url));
  const binary = join(workFolder(), 'launch');
  run('gcc', ['-static', '-O2', '-w', '-o', binary, source]);
  return binary;
}

let compiled: string | null = null;

/** Executes what an image's config says in its root; `emulated`: with the emulators of qemu-user registered. */
export function execute(root: string, config: StartConfig, emulated: boolean): Execution {
  compiled ??= launcher();
  const argv = [...(config.entrypoint ?? []), ...(config.cmd ?? [])];
  const rules = emulated ? emulatorRules().flatMap((rule) => ['-e', rule]) : [];
  const result = spawnSync(compiled, [...rules, root, config.workingDir ?? '', config.user ?? '', ...argv], {
    encoding: 'utf8',
    env: { PATH: DEFAULT_PATH, ...config.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return classify(result.output[3]?.trim() ?? '', result.status, `${result.stdout}${result.stderr}`.trim());
}

/** What Debian's package of qemu-user registers, with flag F. */
function emulatorRules(): readonly string[] {
  const files = existsSync(BINFMT_FOLDER) ? readdirSync(BINFMT_FOLDER) : [];
  const wanted = files.filter((name) =>
    /^qemu-(?:aarch64|arm|riscv64|s390x|ppc64|ppc64le|mips64el|loongarch64)\.conf$/.test(name),
  );
  return wanted.map((name) => readFileSync(join(BINFMT_FOLDER, name), 'utf8').trim());
}

/** Words of glibc's and musl's loaders (elf/dl-load.c, elf/dl-version.c; ldso/dynlink.c), the name in the first group. */
const LOADER_WORDS: readonly RegExp[] = [
  /error while loading shared libraries: (\S+): /,
  /version `(\S+)' not found \(required by/,
  /Error loading shared library (\S+): /,
  /symbol lookup error: \S+: undefined symbol: ([^\s,]+)/,
  /Error relocating \S+: (\S+): symbol not found/,
];

/** An emulator looks for the ELF interpreter itself, so that the kernel's ENOENT becomes its word. */
const EMULATOR_WORDS = /Could not open '([^']+)': No such file or directory/;

/** Programs that say that what they were to run is missing, refused or of no use. */
const PROGRAM_WORDS =
  /No such file|not found|Illegal option|Cannot find module|No module named|Unable to access jarfile|Permission denied|Exec format error|Could not find or load main class|Too many levels of symbolic links/;

function classify(report: string, exitCode: number | null, output: string): Execution {
  const told = report !== '' ? ofLauncher(report) : exitCode === 0 ? null : (ofLoader(output) ?? ofProgram(output));
  const kind = exitCode === 0 ? 'starts' : `exit ${String(exitCode)}`;
  return { kind, says: lineOf(output, ''), culprits: [], exitCode, output, ...told };
}

type Told = Pick<Execution, 'kind' | 'says' | 'culprits'>;

/** The step of the launcher that failed, and its errno. */
function ofLauncher(report: string): Told {
  const [step = '', errno = ''] = report.split(' ');
  const kind = step === 'user' || step === 'group' ? step : errno;
  return { kind, says: `${step}: ${errno}`, culprits: [] };
}

function ofLoader(output: string): Told | null {
  for (const words of LOADER_WORDS) {
    const [all, name] = words.exec(output) ?? [];
    if (all !== undefined && name !== undefined) {
      return { kind: 'loader', says: lineOf(output, all), culprits: [name] };
    }
  }
  const [all, path] = EMULATOR_WORDS.exec(output) ?? [];
  return all === undefined || path === undefined ? null : { kind: 'ENOENT', says: all, culprits: [path] };
}

function ofProgram(output: string): Told | null {
  const [words] = PROGRAM_WORDS.exec(output) ?? [];
  return words === undefined ? null : { kind: 'program', says: lineOf(output, words), culprits: [] };
}

function lineOf(output: string, part: string): string {
  return output.split('\n').find((line) => line.includes(part)) ?? part;
}
