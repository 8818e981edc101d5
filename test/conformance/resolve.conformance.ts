import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rootfs } from '../../src/model/rootfs.js';
import { resolveClosure } from '../../src/resolve/index.js';
import { listingOf, listings, muslListing, type Listing } from './resolve.oracle.js';
import { debianRoot, emptyRoot, readRoot, variantOf } from './resolve.rootfs.js';

/**
 * What our resolver says of every program and library of a Debian image, against what the image's own loader says in
 * a chroot; then the same after libraries were removed, and for programs built for one question each. Needs root,
 * debootstrap, gcc, musl-tools.
 */
const LOADER = '/lib64/ld-linux-x86-64.so.2';
const MUSL_LOADER = '/lib/ld-musl-x86_64.so.1';

interface How {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly options?: readonly string[];
}

let base = '';
let compared = 0;
let libraries = 0;
let missing = 0;
let versions = 0;
let refused = 0;

beforeAll(() => {
  base = debianRoot();
});
afterAll(() => {
  console.log(
    `${compared} closures equal: ${libraries} libraries in their order, ${missing} missing names, ` +
      `${versions} missing versions; ${refused} starts refused at a file that is no library`,
  );
});

/** ELF programs and libraries that the loader can be asked about. */
function elfPaths(rootfs: Rootfs): readonly string[] {
  return [...rootfs.entries()].flatMap(({ path, content }) => {
    if (content?.kind !== 'binary' || content.binary.format !== 'elf') return [];
    const { machine, kind } = content.binary;
    return machine === 'x86_64' && ['pie', 'executable', 'shared-object'].includes(kind) ? [path] : [];
  });
}

function ours(rootfs: Rootfs, path: string, loader: string, how: How): Listing {
  const entry = rootfs.entry(path);
  const interpreter = rootfs.lookup(loader);
  if (entry === null || !interpreter.found) throw new Error(`${path} or ${loader} is not there`);
  const closure = resolveClosure(entry, {
    rootfs,
    environment: how.environment ?? {},
    workingDir: how.workingDir ?? '/',
    secure: false,
    interpreter: { path: loader, entry: interpreter.entry },
  });
  return listingOf(closure, loader);
}

/** Compares all of them; of a start that ends at once only that it does. */
function compareAll(root: string, rootfs: Rootfs, paths: readonly string[], how: How = {}): number {
  const theirs = listings(root, paths, { loader: LOADER, ...how });
  const different = paths.filter((path) => {
    const expected = theirs.get(path);
    const actual = ours(rootfs, path, LOADER, how);
    if (expected?.fatal === true) {
      refused += 1;
      return !actual.fatal;
    }
    compared += 1;
    libraries += actual.paths.length;
    missing += actual.missing.length;
    versions += actual.versions.length;
    return JSON.stringify(expected) !== JSON.stringify(actual);
  });
  const [first] = different;
  if (first !== undefined)
    expect({ first, ...ours(rootfs, first, LOADER, how) }).toEqual({ first, ...theirs.get(first) });
  expect(different).toEqual([]);
  return paths.length;
}

interface Built {
  /** Path in the root. */
  readonly at: string;
  readonly links?: readonly string[];
  readonly soname?: string;
  readonly flags?: readonly string[];
  readonly source?: string;
}

/** Builds a library, or without a soname a program, that needs what it is linked with. */
function build(root: string, { at, links = [], soname, flags = [], source }: Built): void {
  const out = join(root, at);
  mkdirSync(dirname(out), { recursive: true });
  rmSync(out, { force: true });
  const code = `${out}.c`;
  writeFileSync(
    code,
    source ??
      (soname === undefined ? 'int main(void){return 0;}' : `int f_${soname.replace(/\W/g, '_')}(void){return 0;}`),
  );
  const kind = soname === undefined ? [] : ['-shared', '-fPIC', `-Wl,-soname,${soname}`];
  const inputs = links.map((link) => join(root, link));
  const linker = ['-Wl,--no-as-needed', '-Wl,--unresolved-symbols=ignore-all', '-Wl,--allow-shlib-undefined'];
  execFileSync('gcc', ['-o', out, code, ...kind, ...linker, ...flags, ...inputs], { stdio: 'pipe' });
  rmSync(code);
}

const OLD = '-Wl,--disable-new-dtags';
const NEW = '-Wl,--enable-new-dtags';

function runPath(tags: string, path: string): readonly string[] {
  return [tags, `-Wl,-rpath,${path}`];
}

/** Replaces a file of a variant; its links to the original must not be written through. */
function replace(path: string, bytes: Uint8Array | string): void {
  rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

describe('a Debian image', () => {
  test('every program and library of it', async () => {
    const rootfs = await readRoot(base);
    expect(compareAll(base, rootfs, elfPaths(rootfs))).toBeGreaterThan(1000);
  });

  test('with libraries removed that many programs need', async () => {
    const root = variantOf(base, 'removed');
    for (const name of [
      'libz.so.1',
      'libgcc_s.so.1',
      'libssl.so.3',
      'libexpat.so.1',
      'libpcre2-8.so.0',
      'libavcodec.so.59',
    ]) {
      const path = [`/usr/lib/x86_64-linux-gnu/${name}`, `/lib/x86_64-linux-gnu/${name}`].find((each) =>
        existsSync(join(root, each)),
      );
      if (path === undefined) throw new Error(`${name} is not in the image`);
      rmSync(realpathSync(join(root, path)));
    }
    const rootfs = await readRoot(root);
    compareAll(root, rootfs, elfPaths(rootfs));
  });

  test('without ld.so.cache', async () => {
    const root = variantOf(base, 'no-cache');
    rmSync(join(root, 'etc/ld.so.cache'));
    const rootfs = await readRoot(root);
    compareAll(root, rootfs, elfPaths(rootfs));
  });

  test('with a cache that names what is gone, and lacks what came later', async () => {
    const root = variantOf(base, 'stale-cache');
    rmSync(join(root, 'etc/ld.so.cache'));
    build(root, { at: '/usr/local/lib/libgone.so.1', soname: 'libgone.so.1' });
    build(root, { at: '/usr/local/lib/libmoved.so.1', soname: 'libmoved.so.1' });
    execFileSync('chroot', [root, '/sbin/ldconfig']);
    build(root, { at: '/usr/local/lib/liblate.so.1', soname: 'liblate.so.1' });
    const names = ['libgone.so.1', 'libmoved.so.1', 'liblate.so.1'].map((name) => `/usr/local/lib/${name}`);
    build(root, { at: '/opt/stale', links: names });
    rmSync(join(root, '/usr/local/lib/libgone.so.1'));
    copyFileSync(join(root, '/usr/local/lib/libmoved.so.1'), join(root, '/usr/lib/libmoved.so.1'));
    rmSync(join(root, '/usr/local/lib/libmoved.so.1'));
    const rootfs = await readRoot(root);
    compareAll(root, rootfs, ['/opt/stale']);
    expect(ours(rootfs, '/opt/stale', LOADER, {}).missing).toEqual(['libgone.so.1', 'liblate.so.1']);
  });

  test('with a broken cache', async () => {
    const root = variantOf(base, 'broken-cache');
    replace(join(root, 'etc/ld.so.cache'), 'glibc-ld.so.cache1.1 and nothing of that kind');
    const rootfs = await readRoot(root);
    compareAll(root, rootfs, elfPaths(rootfs).slice(0, 200));
  });
});

describe('LD_LIBRARY_PATH', () => {
  let root = '';
  let rootfs: Rootfs;
  let paths: readonly string[] = [];

  beforeAll(async () => {
    root = variantOf(base, 'library-path');
    // A zlib without versions, a libssl with others, a libcurl of another class, a libexpat of another machine.
    build(root, { at: '/opt/plain/libz.so.1', soname: 'libz.so.1' });
    replace(join(root, 'opt/v.map'), 'OTHER_1 { global: *; };');
    build(root, {
      at: '/opt/versions/libssl.so.3',
      soname: 'libssl.so.3',
      flags: [`-Wl,--version-script=${join(root, 'opt/v.map')}`],
    });
    const libc = readFileSync(join(root, 'opt/plain/libz.so.1'));
    const otherClass = Buffer.from(libc);
    otherClass[4] = 1;
    replace(join(root, 'opt/strange/libcurl-gnutls.so.4'), otherClass);
    const otherMachine = Buffer.from(libc);
    otherMachine.writeUInt16LE(183, 18);
    replace(join(root, 'opt/strange/libexpat.so.1'), otherMachine);
    replace(join(root, 'opt/text/libpcre2-8.so.0'), 'INPUT(/lib/x86_64-linux-gnu/libpcre2-8.so.0)\n');
    replace(join(root, 'opt/empty/libpcre2-8.so.0'), '');
    mkdirSync(join(root, 'opt/directory/libpcre2-8.so.0'), { recursive: true });
    symlinkSync('/opt/plain', join(root, 'opt/linked'));
    symlinkSync('missing', join(root, 'opt/plain/libssl.so.3'));
    rootfs = await readRoot(root);
    paths = elfPaths(rootfs).filter((path) => path.startsWith('/usr/bin') || path.startsWith('/usr/sbin'));
  });

  test.each([
    ['/opt/plain', '/'],
    ['/opt/versions', '/'],
    ['/opt/strange:/opt/plain', '/'],
    ['/opt/text', '/'],
    ['/opt/empty', '/'],
    ['/opt/directory', '/'],
    ['/opt/absent:/opt/linked/', '/'],
    ['/opt/absent;/opt/plain//;/opt/versions', '/'],
    [':/opt/absent', '/opt/plain'],
    ['versions:', '/opt'],
    ['opt/plain', '/'],
    ['$ORIGIN/../../opt/plain:/usr/$LIB', '/'],
    ['/opt/${LIB}:/opt/$NOTHING:/opt/plain', '/'],
    ['', '/opt/plain'],
  ])('%s in %s', (path, workingDir) => {
    compareAll(root, rootfs, paths, { environment: { LD_LIBRARY_PATH: path }, workingDir });
  });

  test('libraries of LD_PRELOAD come first, and one that is missing is passed over', () => {
    const environment = { LD_PRELOAD: '/opt/plain/libz.so.1:libexpat.so.1 libnothing.so /opt/text/libpcre2-8.so.0' };
    compareAll(root, rootfs, paths, { environment });
  });
});

/** Numbered as the scenarios of test/resolve; each is built, listed by the loader, and resolved. */
describe('rpath and runpath', () => {
  let root = '';
  let rootfs: Rootfs;

  beforeAll(async () => {
    root = variantOf(base, 'rpath');
    const lib = (at: string, soname: string, links: readonly string[] = [], flags: readonly string[] = []): void =>
      build(root, { at, soname, links, flags });
    lib('/s/b1/libb.so', 'libb.so');
    lib('/s/b2/libb.so', 'libb.so');
    lib('/s/a/liba.so', 'liba.so', ['/s/b1/libb.so']);
    lib('/s/a-runpath/liba.so', 'liba.so', ['/s/b1/libb.so'], runPath(NEW, '/s/b1'));
    lib('/s/a-rpath/liba.so', 'liba.so', ['/s/b1/libb.so'], runPath(OLD, '/s/b1'));
    lib('/s/a-runpath-empty/liba.so', 'liba.so', ['/s/b1/libb.so'], runPath(NEW, '/s/nowhere'));
    lib('/s/a-origin/liba.so', 'liba.so', ['/s/b1/libb.so'], runPath(NEW, '$ORIGIN/../b2'));
    lib('/s/deep/er/liba.so', 'liba.so', ['/s/b1/libb.so'], runPath(NEW, '$ORIGIN/sub'));
    lib('/s/deep/er/sub/libb.so', 'libb.so');
    mkdirSync(join(root, 's/links/sub'), { recursive: true });
    symlinkSync('../deep/er/liba.so', join(root, 's/links/liba.so'));
    lib('/s/lib/x86_64-linux-gnu/libb.so', 'libb.so');
    lib('/s/nodeflib/libn.so', 'libn.so', ['/s/b1/libb.so'], ['-Wl,-z,nodeflib']);
    lib('/s/slash/libslash.so', '/s/slash/libslash.so');
    lib('/s/relative/librelative.so', './s/relative/librelative.so');
    lib('/s/alias/libalias.so', 'libb.so');
    const program = (at: string, links: readonly string[], flags: readonly string[] = []): void =>
      build(root, { at, links, flags });
    program('/s/bin/01-rpath-is-inherited', ['/s/a/liba.so'], runPath(OLD, '/s/a:/s/b1'));
    program('/s/bin/02-runpath-is-not-inherited', ['/s/a/liba.so'], runPath(NEW, '/s/a:/s/b1'));
    program(
      '/s/bin/03-own-runpath-hides-the-inherited-rpath',
      ['/s/a/liba.so'],
      runPath(OLD, '/s/a-runpath-empty:/s/b1'),
    );
    program('/s/bin/04-own-rpath-before-the-inherited', ['/s/a/liba.so'], runPath(OLD, '/s/a-rpath:/s/b2'));
    program('/s/bin/05-origin-of-the-library', ['/s/a/liba.so'], runPath(NEW, '/s/a-origin'));
    program('/s/bin/06-origin-is-not-followed-through-links', ['/s/a/liba.so'], runPath(NEW, '/s/links'));
    program('/s/bin/07-origin-of-the-program', ['/s/a/liba.so'], runPath(OLD, '${ORIGIN}/../a:$ORIGIN/../b2'));
    program('/s/bin/08-lib-token', ['/s/b1/libb.so'], runPath(NEW, '/s/$LIB'));
    program('/s/bin/09-unknown-token-stays', ['/s/b1/libb.so'], runPath(NEW, '/s/$THING:/s/b2'));
    program(
      '/s/bin/10-nodeflib',
      ['/s/nodeflib/libn.so', '/s/b1/libb.so'],
      [...runPath(NEW, '/s/nodeflib'), '-Wl,-z,nodeflib'],
    );
    program('/s/bin/11-slash-in-needed', ['/s/slash/libslash.so', '/s/relative/librelative.so']);
    program('/s/bin/12-soname-of-another-file', ['/s/a/liba.so', '/s/alias/libalias.so'], runPath(OLD, '/s/a:/s/b2'));
    program('/s/bin/13-empty-element', ['/s/b1/libb.so'], runPath(NEW, '/s/nowhere::/s/b2'));
    program('/s/bin/14-both-tags', ['/s/a/liba.so'], [...runPath(NEW, '/s/a'), '-Wl,-rpath,/s/b1']);
    program('/s/bin/15-first-needed-wins', ['/s/b2/libb.so', '/s/a/liba.so'], runPath(OLD, '/s/b2:/s/a:/s/b1'));
    rootfs = await readRoot(root);
  });

  test('every scenario in several environments', () => {
    const programs = elfPaths(rootfs).filter((path) => path.startsWith('/s/'));
    const count = [
      {},
      { environment: { LD_LIBRARY_PATH: '/s/b2' } },
      { environment: { LD_LIBRARY_PATH: '/s/a-rpath:/s/b1' }, workingDir: '/s' },
      { workingDir: '/s/b2' },
      { environment: { LD_LIBRARY_PATH: '.' }, workingDir: '/s/b1' },
    ].reduce((sum, how) => sum + compareAll(root, rootfs, programs, how), 0);
    expect(count).toBeGreaterThan(100);
    // A library that is its own preload is mapped twice; nobody starts one.
    const started = programs.filter((path) => path.startsWith('/s/bin/'));
    compareAll(root, rootfs, started, { environment: { LD_PRELOAD: '/s/b2/libb.so' } });
  });
});

describe('glibc-hwcaps', () => {
  test('the plain directory without them, and a note where a processor would take another', async () => {
    const root = variantOf(base, 'hwcaps');
    build(root, { at: '/h/lib/libx.so', soname: 'libx.so' });
    build(root, { at: '/h/lib/glibc-hwcaps/x86-64-v2/libx.so', soname: 'libx.so' });
    build(root, { at: '/h/lib/glibc-hwcaps/x86-64-v3/libonly.so', soname: 'libonly.so' });
    const links = ['/h/lib/libx.so', '/h/lib/glibc-hwcaps/x86-64-v3/libonly.so'];
    build(root, { at: '/h/one', links: links.slice(0, 1), flags: runPath(NEW, '/h/lib') });
    build(root, { at: '/h/two', links, flags: runPath(NEW, '/h/lib') });
    build(root, { at: '/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/libz.so.1', soname: 'libz.so.1' });
    rmSync(join(root, 'etc/ld.so.cache'));
    execFileSync('chroot', [root, '/sbin/ldconfig']);
    const rootfs = await readRoot(root);
    const options = ['--glibc-hwcaps-mask', 'none'];
    compareAll(root, rootfs, ['/h/one', '/usr/bin/git', '/usr/bin/python3.11'], { options });
    const entry = rootfs.entry('/h/two');
    if (entry === null) throw new Error('/h/two is not there');
    const closure = resolveClosure(entry, { rootfs, environment: {}, workingDir: '/', secure: false });
    const needed = closure.objects[0]?.needed ?? [];
    expect(needed.map((each) => [each.needed, each.status])).toEqual([
      ['libx.so', 'found'],
      ['libonly.so', 'unknown'],
      ['libc.so.6', 'found'],
    ]);
    expect(needed[0]?.trail.some(({ lookedIn, saw }) => lookedIn === 'hwcaps' && saw === 'match')).toBe(true);
  });
});

describe('musl', () => {
  let root = '';
  let rootfs: Rootfs;

  /** A program or library for musl. */
  function muslBuild({ at, links = [], soname, flags = [] }: Built): void {
    const out = join(root, at);
    mkdirSync(dirname(out), { recursive: true });
    const code = join(root, 'source.c');
    writeFileSync(
      code,
      soname === undefined ? 'int main(void){return 0;}' : `int f_${soname.replace(/\W/g, '_')}(void){return 0;}`,
    );
    const kind = soname === undefined ? [] : ['-shared', '-fPIC', `-Wl,-soname,${soname}`];
    const linker = ['-Wl,--no-as-needed', '-Wl,--unresolved-symbols=ignore-all', '-Wl,--allow-shlib-undefined'];
    const inputs = links.map((link) => join(root, link));
    execFileSync('musl-gcc', ['-o', out, code, ...kind, ...linker, ...flags, ...inputs], { stdio: 'pipe' });
    rmSync(code);
  }

  function compareMusl(paths: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
    for (const path of paths) {
      const expected = muslListing(root, path, { loader: MUSL_LOADER, environment });
      const actual = ours(rootfs, path, MUSL_LOADER, { environment });
      compared += 1;
      libraries += actual.paths.length;
      missing += actual.missing.length;
      const inWords = { ...actual, versions: [], fatal: false };
      expect({ path, ...inWords }).toEqual({ path, ...expected });
    }
  }

  beforeAll(async () => {
    root = emptyRoot('musl');
    mkdirSync(join(root, 'lib'), { recursive: true });
    copyFileSync('/usr/lib/x86_64-linux-musl/libc.so', join(root, MUSL_LOADER));
    symlinkSync('ld-musl-x86_64.so.1', join(root, 'lib/libc.musl-x86_64.so.1'));
    const lib = (at: string, soname: string, links: readonly string[] = [], flags: readonly string[] = []): void =>
      muslBuild({ at, soname, links, flags });
    lib('/usr/lib/libz.so.1', 'libz.so.1');
    lib('/usr/local/lib/liblocal.so', 'liblocal.so');
    lib('/s/b1/libb.so', 'libb.so');
    lib('/s/b2/libb.so', 'libb.so');
    lib('/s/a/liba.so', 'liba.so', ['/s/b1/libb.so']);
    lib('/s/a-runpath/liba.so', 'liba.so', ['/s/b1/libb.so'], runPath(NEW, '/s/b1'));
    lib('/s/a-origin/liba.so', 'liba.so', ['/s/b1/libb.so'], runPath(NEW, '$ORIGIN/../b2'));
    lib('/s/a-token/liba.so', 'liba.so', ['/s/b1/libb.so'], runPath(NEW, '/s/b1:$LIB'));
    lib('/s/slash/libslash.so', '/s/slash/libslash.so');
    lib('/s/m/libm.so.6', 'libm.so.6');
    lib('/s/named/libother.so', 'libb.so');
    replace(join(root, '/s/text/libb.so'), 'no library');
    mkdirSync(join(root, 's/links'));
    symlinkSync('../a-origin/liba.so', join(root, 's/links/liba.so'));
    const program = (at: string, links: readonly string[], flags: readonly string[] = []): void =>
      muslBuild({ at, links, flags });
    program('/s/bin/01-default-path', ['/usr/lib/libz.so.1', '/usr/local/lib/liblocal.so']);
    program('/s/bin/02-runpath-is-inherited', ['/s/a/liba.so'], runPath(NEW, '/s/a:/s/b1'));
    program('/s/bin/03-rpath-is-inherited', ['/s/a/liba.so'], runPath(OLD, '/s/a:/s/b2'));
    program('/s/bin/04-own-runpath-first', ['/s/a/liba.so'], runPath(NEW, '/s/a-runpath:/s/b2'));
    program('/s/bin/05-origin', ['/s/a/liba.so'], runPath(NEW, '$ORIGIN/../a-origin'));
    program('/s/bin/06-origin-through-a-link', ['/s/a/liba.so'], runPath(NEW, '/s/links'));
    program('/s/bin/07-other-token-disables', ['/s/a/liba.so'], runPath(NEW, '/s/a-token'));
    program('/s/bin/08-slash', ['/s/slash/libslash.so']);
    program('/s/bin/09-reserved-name', ['/s/m/libm.so.6'], runPath(NEW, '/s/m'));
    program('/s/bin/10-missing', ['/s/a/liba.so', '/usr/lib/libz.so.1']);
    program('/s/bin/11-empty-elements', ['/s/b1/libb.so'], runPath(NEW, '::/s/b2'));
    program('/s/bin/12-soname-does-not-count', ['/s/named/libother.so', '/s/a/liba.so'], runPath(NEW, '/s/b1:/s/a'));
    rootfs = await readRoot(root);
  });

  test('every scenario as its loader lists it', () => {
    const paths = elfPaths(rootfs).filter((path) => path.startsWith('/s/bin/'));
    expect(paths.length).toBe(12);
    compareMusl(paths);
    compareMusl(paths, { LD_LIBRARY_PATH: '/s/b2:/s/a' });
    compareMusl(paths, { LD_LIBRARY_PATH: '\n/s/b1::/s/nowhere' });
    compareMusl(paths, { LD_PRELOAD: '/s/b2/libb.so libnothing.so' });
  });

  test('the path file takes the place of the default', async () => {
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/ld-musl-x86_64.path'), '/s/b1\n/s/a\n');
    rootfs = await readRoot(root);
    compareMusl(['/s/bin/01-default-path', '/s/bin/10-missing']);
    writeFileSync(join(root, 'etc/ld-musl-x86_64.path'), '');
    rootfs = await readRoot(root);
    compareMusl(['/s/bin/01-default-path', '/s/bin/10-missing']);
    rmSync(join(root, 'etc/ld-musl-x86_64.path'));
  });

  test('a file that is no library ends the search', async () => {
    rootfs = await readRoot(root);
    compareMusl(['/s/bin/11-empty-elements'], { LD_LIBRARY_PATH: '/s/text' });
  });
});
