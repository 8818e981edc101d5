import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLayer } from '../../src/image/layer.js';
import { parseIndex, parseManifest } from '../../src/image/manifest.js';
import { mergeLayers } from '../../src/image/merge.js';
import type { FileCollector } from '../../src/model/collector.js';
import type { LayerFacts } from '../../src/model/layer.js';
import type { Rootfs } from '../../src/model/rootfs.js';
import { memoryView } from '../../src/model/view.js';
import { testLimits, inChunks } from '../support/layer-limits.js';
import { rootfs, textContent, type RootfsSpec } from '../support/rootfs-builder.js';
import { tar, type TarSpec } from '../support/tar-builder.js';

/**
 * Layers as GNU tar, bsdtar, umoci and OverlayFS themselves make and unpack them, against our reading of the same
 * bytes: every path with type, mode, owner, size, link and content. Needs root, tar, bsdtar, umoci, python3, overlayfs.
 */
let place = '';
const mounts: string[] = [];
let compared = 0;

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'xoscheck-image-'));
});
afterAll(() => {
  console.log(`${compared} entries compared`);
  for (const mount of mounts.reverse()) run('umount', [mount]);
  rmSync(place, { recursive: true, force: true });
});

describe('archives', () => {
  const gnu = ['gnu', 'oldgnu', 'posix', 'ustar', 'v7'].map((format) => ['tar', `--format=${format}`]);
  const sparse = ['0.0', '0.1', '1.0'].map((version) => ['tar', '--format=posix', `--sparse-version=${version}`]);
  const bsd = ['pax', 'gnutar', 'ustar', 'v7'].map((format) => ['bsdtar', `--format=${format}`]);

  test.each([...gnu, ...sparse, ...bsd])('%s %s %s read as they unpack', async (tool, ...flags) => {
    const from = newDirectory();
    const plain = flags[0] === '--format=ustar' || flags[0] === '--format=v7';
    makeOddTree(from, { long: !plain, devices: flags[0] !== '--format=v7' });
    const archive = join(newDirectory(), 'a.tar');
    const more = tool === 'tar' && !plain ? ['--sparse', '--xattrs', '--xattrs-include=*'] : [];
    run(tool, [...flags, ...more, '-cf', archive, '-C', from, '.']);
    const to = newDirectory();
    run('tar', ['--xattrs', '--xattrs-include=*', '-xpf', archive, '-C', to]);
    await expectSame([readFileSync(archive)], to);
  });
});

describe('layers', () => {
  test.each([1, 2, 3, 4, 5, 6])('umoci, build %i: repacked layers read as umoci unpacks them', async (seed) => {
    const layout = join(newDirectory(), 'oci');
    run('umoci', ['init', '--layout', layout]);
    run('umoci', ['new', '--image', `${layout}:0`]);
    const random = randomOf(seed);
    for (let layer = 0; layer < 5; layer += 1) {
      const bundle = join(newDirectory(), 'bundle');
      run('umoci', ['unpack', '--image', `${layout}:${layer}`, bundle]);
      mutate(join(bundle, 'rootfs'), random, 300);
      run('umoci', ['repack', '--image', `${layout}:${layer + 1}`, bundle]);
    }
    const bundle = join(newDirectory(), 'bundle');
    run('umoci', ['unpack', '--image', `${layout}:5`, bundle]);
    await expectSame(ociLayers(layout, '5'), join(bundle, 'rootfs'));
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'overlayfs, build %i: upper directories read as the mount shows them',
    async (seed) => {
      const random = randomOf(seed * 7919);
      const uppers: string[] = [];
      let merged = '';
      for (let layer = 0; layer < 5; layer += 1) {
        const upper = newDirectory();
        merged = mountOverlay(uppers.toReversed(), upper);
        mutate(merged, random, 300);
        uppers.push(upper);
      }
      const layers = uppers.map((upper) => {
        const archive = join(newDirectory(), 'upper.tar');
        run('tar', ['--xattrs', '--xattrs-include=trusted.overlay.opaque', '-cf', archive, '-C', upper, '.']);
        return readFileSync(archive);
      });
      await expectSame(layers, merged);
    },
  );

  test.each<[string, TarSpec[][]]>([
    ['an entry under a link of a lower layer', [[link('lib', 'usr/lib'), file('usr/lib/a')], [file('lib/x')]]],
    [
      'an entry under a link of its own layer',
      [[file('usr/lib/a')], [dir('usr'), dir('usr/lib'), link('lib', 'usr/lib'), file('lib/x')]],
    ],
    [
      'a whiteout and its file again',
      [
        [file('a'), file('d/b')],
        [file('.wh.a', ''), file('a', 'new'), file('d/.wh.b', '')],
      ],
    ],
    [
      'an opaque directory',
      [
        [file('d/a'), file('d/e/b')],
        [dir('d'), file('d/.wh..wh..opq', ''), file('d/c')],
      ],
    ],
    ['a whiteout in a directory that no layer states', [[file('a')], [file('d/e/.wh.x', '')]]],
    [
      'a whiteout under a link of a lower layer',
      [[link('lib', 'usr/lib'), file('usr/lib/a')], [file('lib/.wh.a', '')]],
    ],
    ['a whiteout under a file of a lower layer', [[file('a')], [file('a/.wh.x', '')]]],
    ['a file over a tree', [[file('d/a'), file('d/e/b')], [file('d')]]],
    ['a tree over a file', [[file('d')], [dir('d'), file('d/a')]]],
    ['a link over a tree', [[file('d/a'), file('e/z')], [link('d', 'e')]]],
    [
      'a directory stated over a link',
      [
        [link('d', 'e'), file('e/z')],
        [dir('d'), file('d/a')],
      ],
    ],
    ['a directory that changes its mode', [[dir('d'), file('d/a')], [{ ...dir('d'), mode: 0o1777 }]]],
    ['a directory that only a deeper entry implies', [[{ ...dir('d'), mode: 0o1777 }], [dir('d/e'), file('d/e/f')]]],
  ])('overlayfs over layers unpacked alone: %s', async (_name, specs) => {
    const layers = specs.map((spec) => tar(spec, { format: 'gnu' }));
    const uppers = layers.map((bytes) => {
      const upper = newDirectory();
      writeFileSync(`${upper}.tar`, bytes);
      run('tar', ['-xpf', `${upper}.tar`, '-C', upper]);
      run('python3', ['-c', CONVERT_WHITEOUTS, upper]);
      return upper;
    });
    // What containerd's `mkparent` does: an implied directory has the attributes of the one below it.
    copyParents(uppers, specs);
    await expectSame(layers, mountOverlay(uppers.toReversed(), newDirectory()));
  });
});

describe('lookups', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'tree %i of links: every path leads where the kernel says in a chroot',
    (seed) => {
      const top = newDirectory();
      const random = randomOf(seed * 31);
      const spec = makeLinks(top, random);
      const asked = Array.from({ length: 3000 }, () => `/${randomPath(random, 6)}`);
      const answers = execFileSync('python3', ['-c', STAT_IN_CHROOT, top], {
        input: asked.join('\n'),
        encoding: 'utf8',
      });
      const merged = rootfs(spec);
      const ours = asked.map((each) => {
        const found = merged.lookup(each);
        return found.found ? found.realPath : ERRNO[found.reason];
      });
      expect(ours).toEqual(answers.trim().split('\n'));
      expect(new Set(ours).size).toBeGreaterThan(3);
    },
  );
});

/** Directories, files and links that lead all over; the same as a directory and as a description. */
function makeLinks(top: string, random: (below: number) => number): RootfsSpec {
  const spec: Record<string, string | null | object> = {};
  for (const name of ['a', 'b', 'c', 'd', 'a/a', 'a/b', 'b/c', 'b/d', 'a/a/d', 'b/c/a']) {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    if (parent !== '' && spec[`/${parent}`] !== null) continue;
    const kind =
      name === 'a' || name === 'b' ? 'directory' : (['directory', 'file', 'link', 'link'] as const)[random(4)];
    const target = `${random(2) === 0 ? '/' : './'}${randomPath(random, 4)}`;
    if (kind === 'directory') mkdirSync(join(top, name));
    else if (kind === 'link') symlinkSync(target, join(top, name));
    else writeFileSync(join(top, name), '');
    spec[`/${name}`] = kind === 'directory' ? null : kind === 'link' ? target : {};
  }
  return spec;
}

function randomPath(random: (below: number) => number, most: number): string {
  return Array.from({ length: 1 + random(most) }, () => ['a', 'b', 'c', 'd', '..', '.', ''][random(7)]).join('/');
}

const ERRNO = {
  absent: 'ENOENT',
  'dangling-link': 'ENOENT',
  'not-a-directory': 'ENOTDIR',
  loop: 'ELOOP',
  unknown: 'unknown',
} as const;

const STAT_IN_CHROOT = `
import errno, os, sys
os.chroot(sys.argv[1])
os.chdir('/')
names = {os.stat('/').st_ino: '/'}
for top, dirs, files in os.walk('/'):
    for name in dirs + files: names[os.lstat(os.path.join(top, name)).st_ino] = os.path.join(top, name)
for path in sys.stdin.read().split('\\n'):
    try: print(names[os.stat(path).st_ino])
    except OSError as error: print(errno.errorcode[error.errno])
`;

const CONVERT_WHITEOUTS = `
import os, stat, sys
for top, dirs, files in os.walk(sys.argv[1]):
    for name in files:
        if not name.startswith('.wh.'): continue
        os.unlink(os.path.join(top, name))
        if name == '.wh..wh..opq': os.setxattr(top, 'trusted.overlay.opaque', b'y')
        elif not os.path.lexists(os.path.join(top, name[4:])): os.mknod(os.path.join(top, name[4:]), stat.S_IFCHR, 0)
`;

/** A tree with what archives find hard. */
function makeOddTree(top: string, hold: { long: boolean; devices: boolean }): void {
  mkdirSync(join(top, 'd/e'), { recursive: true });
  writeFileSync(join(top, 'd/f'), 'hi\n');
  linkSync(join(top, 'd/f'), join(top, 'd/hard'));
  symlinkSync('../x', join(top, 'd/sym'));
  chmodSync(join(top, 'd/f'), 0o4755);
  chmodSync(join(top, 'd/e'), 0o1777);
  if (hold.devices) {
    run('mknod', [join(top, 'd/null'), 'c', '1', '3']);
    run('mkfifo', [join(top, 'd/fifo')]);
  }
  for (const name of ['na\u00efve', 'new\nline', 'sp ace', '-x', '\\back', 'C:x']) writeFileSync(join(top, name), name);
  writeFileSync(Buffer.concat([Buffer.from(`${top}/lat`), Buffer.from([0xe9])]), 'latin1');
  writeFileSync(join(top, 'block'), Buffer.alloc(512, 'b'));
  writeFileSync(join(top, 'empty'), '');
  run('python3', ['-c', SPARSE_FILES, top]);
  if (!hold.long) return;
  chownSync(join(top, 'd/e'), 70_000, 3_000_000);
  const deep = join(top, ...['l', 'm', 'n'].map((letter) => letter.repeat(90)));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'file'), 'deep');
  symlinkSync('t'.repeat(200), join(top, 'longlink'));
}

const SPARSE_FILES = `
import sys
with open(sys.argv[1] + '/d/sparse', 'wb') as f:
    f.seek(5000000); f.write(b'abc'); f.truncate(10485760)
with open(sys.argv[1] + '/d/many', 'wb') as f:
    for i in range(60): f.seek(i * 65536); f.write(bytes([65 + i % 26]) * 4096)
    f.truncate(60 * 65536 + 12345)
`;

/** Changes a tree at random: what a build step could do to it. */
function mutate(top: string, random: (below: number) => number, steps: number): void {
  for (let step = 0; step < steps; step += 1) {
    const path = join(top, ...Array.from({ length: 1 + random(4) }, () => `n${random(6)}`));
    const other = join(top, `n${random(6)}`, `n${random(6)}`);
    try {
      changes[random(changes.length)]?.(path, other, `${step}-${random(1000)}`);
    } catch {
      // What cannot be done in this state of the tree is not done.
    }
  }
}

const write = (path: string, text: string): void => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};
/** The first ones make a tree, the last ones take from it. */
const changes: readonly ((path: string, other: string, text: string) => void)[] = [
  ...Array<(path: string) => void>(3).fill((path) => mkdirSync(path, { recursive: true })),
  ...Array<(path: string, other: string, text: string) => void>(8).fill((path, _other, text) => write(path, text)),
  (path, other) => linkSync(other, path),
  (path, other) => linkSync(other, path),
  (path, _other, text) => symlinkSync(`n${text.length}/x`, path),
  (path) => chmodSync(path, 0o700),
  (path, other) => renameSync(other, path),
  (path) => rmSync(path, { recursive: true }),
  (path, _other, text) => {
    rmSync(path, { recursive: true });
    mkdirSync(path);
    writeFileSync(join(path, 'n1'), text);
  },
  (path, _other, text) => {
    rmSync(path, { recursive: true });
    writeFileSync(path, text);
  },
];

function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

function mountOverlay(lowers: readonly string[], upper: string): string {
  const merged = newDirectory();
  const lower = lowers.length > 0 ? lowers.join(':') : newDirectory();
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${newDirectory()},redirect_dir=off,metacopy=off,index=off`;
  run('mount', ['-t', 'overlay', 'overlay', '-o', options, merged]);
  mounts.push(merged);
  return merged;
}

function copyParents(uppers: readonly string[], specs: readonly TarSpec[][]): void {
  uppers.forEach((upper, layer) => {
    const stated = new Set((specs[layer] ?? []).map((spec) => spec.path.replace(/\/$/u, '')));
    for (const name of readdirSync(upper)) {
      const below = uppers.slice(0, layer).findLast((lower) => existsSync(join(lower, name)));
      if (below === undefined || stated.has(name) || !lstatSync(join(below, name)).isDirectory()) continue;
      chmodSync(join(upper, name), lstatSync(join(below, name)).mode & 0o7777);
    }
  });
}

/** Layers of an image in a layout, lowest first, uncompressed. */
function ociLayers(layout: string, name: string): Uint8Array[] {
  const blob = (digest: string): Buffer => readFileSync(join(layout, 'blobs', ...digest.split(':')));
  const index = parseIndex(readFileSync(join(layout, 'index.json')));
  if (!index.ok) throw new Error(index.error.path);
  const entry = index.value.manifests.find(
    (descriptor) => descriptor.annotations['org.opencontainers.image.ref.name'] === name,
  );
  const manifest = parseManifest(blob(entry?.digest ?? ''));
  if (!manifest.ok) throw new Error(manifest.error.path);
  return manifest.value.layers.map((layer) => gunzipSync(blob(layer.digest)));
}

/** Reads the layers both ways and compares with the directory. */
async function expectSame(layers: readonly Uint8Array[], directory: string): Promise<void> {
  const truth = listDirectory(directory);
  for (const kind of ['random', 'stream'] as const) {
    const facts: LayerFacts[] = [];
    for (const bytes of layers) {
      const chunks = inChunks(bytes, [1, 511, 512, 70_000, 3, 1_000_000]);
      const input = kind === 'random' ? { kind, view: memoryView(bytes) } : { kind, chunks };
      facts.push(await readLayer(input, hashing, testLimits));
    }
    expect(facts.flatMap((layer) => layer.gaps)).toEqual([]);
    expect(listRootfs(mergeLayers(facts, { windows: false }))).toEqual(truth);
    compared += truth.length;
  }
  expect(truth.length).toBeGreaterThan(0);
}

/** Keeps the digest of each file as its text. */
const hashing: FileCollector = {
  version: 'test',
  interested: () => true,
  want: () => 'whole',
  collect: (_file, view) => textContent(sha256(view.read(0, view.size))),
};

function listRootfs(rootfs: Rootfs): string[] {
  const lines: string[] = [];
  for (const { path, type, mode, uid, gid, size, linkTarget, content } of rootfs.entries()) {
    const digest = content?.kind === 'text' ? content.text : 'none';
    const seen = type === 'file' ? `${size} ${digest}` : (linkTarget ?? '');
    if (path !== '/') lines.push(`${path} ${type} ${type === 'symlink' ? '' : mode.toString(8)} ${uid}:${gid} ${seen}`);
  }
  return lines.sort();
}

function listDirectory(top: string): string[] {
  const lines: string[] = [];
  const visit = (directory: Buffer, path: string): void => {
    for (const name of readdirSync(directory, { encoding: 'buffer' })) {
      const full = Buffer.concat([directory, Buffer.from('/'), name]);
      const inside = `${path}/${decoded(name)}`;
      const stat = lstatSync(full, { throwIfNoEntry: false });
      // OverlayFS lists whiteouts of directories that have nothing below, but they cannot be looked at.
      if (stat === undefined) continue;
      const mode = stat.isSymbolicLink() ? '' : (stat.mode & 0o7777).toString(8);
      const type = TYPES[stat.mode & 0o170000] ?? 'unknown';
      const content = stat.isFile() ? `${stat.size} ${sha256(readFileSync(full))}` : '';
      const target = stat.isSymbolicLink() ? readlinkSync(full) : content;
      lines.push(`${inside} ${type} ${mode} ${stat.uid}:${stat.gid} ${target}`);
      if (stat.isDirectory()) visit(full, inside);
    }
  };
  visit(Buffer.from(top), '');
  return lines.sort();
}

const TYPES: Readonly<Record<number, string>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
  0o020000: 'character-device',
  0o060000: 'block-device',
  0o010000: 'fifo',
};

function decoded(name: Buffer): string {
  const text = name.toString('utf8');
  return text.includes('\ufffd') ? name.toString('latin1') : text;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

function newDirectory(): string {
  return mkdtempSync(join(place, 'd'));
}

function run(tool: string, words: readonly string[]): void {
  execFileSync(tool, words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function file(path: string, data = path): TarSpec {
  return { path, data };
}

function dir(path: string): TarSpec {
  return { path: `${path}/`, type: 'directory' };
}

function link(path: string, target: string): TarSpec {
  return { path, type: 'symlink', link: target, mode: 0o777 };
}
