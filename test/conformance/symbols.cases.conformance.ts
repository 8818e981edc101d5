import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveClosure, withMissingSymbols } from '../../src/resolve/index.js';
import { COMMON_CASES, GLIBC_CASES, MUSL_CASES, type CaseLibrary, type SymbolCase } from './symbols.programs.js';
import { linuxRootfs } from './symbols.rootfs.js';
import { workFolder } from './support/work.js';

/**
 * One small program a question, linked with one form of a library and run with another in a chroot: when it ends, and
 * what it names, is what we say of it. Needs root, gcc and musl-tools.
 */
interface Libc {
  readonly id: 'glibc' | 'musl';
  readonly compiler: string;
  /** Files that are copied into the root, by their place. */
  readonly files: Readonly<Record<string, string>>;
  readonly cases: readonly SymbolCase[];
}

const LIBCS: readonly Libc[] = [
  {
    id: 'glibc',
    compiler: 'gcc',
    files: {
      '/lib64/ld-linux-x86-64.so.2': '/lib64/ld-linux-x86-64.so.2',
      '/lib/x86_64-linux-gnu/libc.so.6': '/lib/x86_64-linux-gnu/libc.so.6',
    },
    cases: [...COMMON_CASES, ...GLIBC_CASES],
  },
  {
    id: 'musl',
    compiler: 'musl-gcc',
    files: { '/lib/ld-musl-x86_64.so.1': '/usr/lib/x86_64-linux-musl/libc.so' },
    cases: [...COMMON_CASES, ...MUSL_CASES],
  },
];

/** What happens, in the same words for both sides. */
interface Outcome {
  readonly ends: 'at the start' | 'when called' | 'well';
  readonly name: string | null;
}

describe.each(LIBCS)('$id', (libc) => {
  test.each(libc.cases.map((each, index) => ({ ...each, index })))('$name', (each) => {
    const root = workFolder('symbols', libc.id, String(each.index));
    rmSync(root, { recursive: true, force: true });
    for (const [place, from] of Object.entries(libc.files)) {
      mkdirSync(dirname(join(root, place)), { recursive: true });
      copyFileSync(from, join(root, place));
    }
    build(root, libc, each);
    const environment = { ...each.environment, ...(each.preload === undefined ? {} : { LD_PRELOAD: each.preload }) };
    expect(predicted(root, environment)).toEqual(executed(root, environment));
  });
});

function build(root: string, { compiler }: Libc, each: SymbolCase): void {
  const link = join(root, 'link');
  mkdirSync(link, { recursive: true });
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  for (const library of each.libraries) {
    compileLibrary(compiler, library, 'linked', link);
    compileLibrary(compiler, library, 'run', join(root, 'usr/lib'));
  }
  const source = join(link, 'main.c');
  writeFileSync(
    source,
    `#include <unistd.h>\n${each.declarations}\nint main(void){ write(1, "started\\n", 8); ${each.body} }\n`,
  );
  const libraries = each.libraries.filter(({ name }) => name !== each.preload).map(({ name }) => join(link, name));
  const flags = ['-Wl,-z,lazy', '-w', '-fno-builtin', '-Wl,--unresolved-symbols=ignore-all', ...(each.flags ?? [])];
  execFileSync(compiler, ['-o', join(root, 'program'), source, ...flags, ...libraries], { stdio: 'pipe' });
}

function compileLibrary(compiler: string, library: CaseLibrary, form: 'linked' | 'run', folder: string): void {
  const source = join(folder, `${library.name}.c`);
  const code = form === 'run' && library.run !== null ? library.run : library.linked;
  const ofRun = library.run === null ? library.linkedMap : library.runMap;
  const map = form === 'run' ? ofRun : library.linkedMap;
  writeFileSync(source, code);
  if (map !== undefined) writeFileSync(`${source}.map`, map);
  const versions = map === undefined ? [] : [`-Wl,--version-script=${source}.map`];
  const flags = ['-shared', '-fPIC', '-w', '-Wl,-z,lazy', `-Wl,-soname,${library.name}`, ...(library.flags ?? [])];
  execFileSync(compiler, ['-o', join(folder, library.name), source, ...flags, ...versions], { stdio: 'pipe' });
  rmSync(source);
}

function executed(root: string, environment: Readonly<Record<string, string>>): Outcome {
  const env = { PATH: '/usr/sbin:/usr/bin', ...environment };
  const run = spawnSync('chroot', [root, '/program'], { env, encoding: 'utf8' });
  const name = /undefined symbol: ([^\s,]+)|: (\S+): symbol not found|check_match: Assertion/.exec(run.stderr);
  if (run.status === 0) return { ends: 'well', name: null };
  if (run.status !== 127) throw new Error(`${root}: status ${String(run.status)} ${String(run.signal)} ${run.stderr}`);
  return {
    ends: run.stdout.includes('started') ? 'when called' : 'at the start',
    name: name === null ? 'a version' : (name[1] ?? name[2] ?? 'f'),
  };
}

function predicted(root: string, environment: Readonly<Record<string, string>>): Outcome {
  const rootfs = linuxRootfs(root);
  const entry = rootfs.entry('/program');
  if (entry === null) throw new Error('no program');
  const context = { rootfs, environment, workingDir: '/', secure: false };
  const closure = withMissingSymbols(resolveClosure(entry, context), context);
  if (closure.objects.some(({ missingVersions }) => missingVersions.length > 0))
    return { ends: 'at the start', name: 'a version' };
  const missing = closure.objects.flatMap(({ missingSymbols }) => missingSymbols ?? []);
  const first = missing.find(({ when }) => when === 'start') ?? missing[0];
  if (first === undefined) return { ends: 'well', name: null };
  return { ends: first.when === 'start' ? 'at the start' : 'when called', name: first.name };
}
