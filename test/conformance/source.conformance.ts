import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { mergeLayers } from '../../src/image/merge.js';
import type { FileCollector } from '../../src/model/collector.js';
import type { LoadedImage } from '../../src/model/load.js';
import { load, only } from '../source/loading.js';
import { json, sha256 } from '../support/image-builder.js';
import { workFolder } from './support/work.js';

/**
 * One Debian image in every form that umoci, skopeo, tar, gzip and zstd give it, against the file system that umoci
 * unpacks from it: every path with type, mode, owner, size and link. Needs root, debootstrap, umoci, skopeo, zstd and
 * a Debian mirror.
 */
const place = workFolder('source');
const unpacked = join(place, 'bundle', 'rootfs');

/** Reads no content: what is compared is the file system. */
const collector: FileCollector = { version: '0', interested: () => false, want: () => 'nothing', collect: () => null };

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: place, stdio: 'pipe' });
}

beforeAll(() => {
  const root = join(place, 'debian');
  if (!existsSync(root)) {
    rmSync(`${root}.partial`, { recursive: true, force: true });
    run('debootstrap', ['--variant=minbase', 'bookworm', `${root}.partial`]);
    renameSync(`${root}.partial`, root);
  }
  for (const name of readdirSync(place)) {
    if (name !== 'debian') rmSync(join(place, name), { recursive: true, force: true });
  }
  makeLayout(root);
  convert();
});

/** Two layers: Debian, and one that removes, adds and links. */
function makeLayout(root: string): void {
  run('umoci', ['init', '--layout', 'layout']);
  run('umoci', ['new', '--image', 'layout:deb']);
  const unpack = (): void => {
    rmSync(join(place, 'bundle'), { recursive: true, force: true });
    run('umoci', ['unpack', '--image', 'layout:deb', 'bundle']);
  };
  unpack();
  run('cp', ['-a', `${root}/.`, unpacked]);
  run('umoci', ['repack', '--image', 'layout:deb', 'bundle']);
  unpack();
  rmSync(join(unpacked, 'usr/share/doc'), { recursive: true });
  rmSync(join(unpacked, 'usr/bin/perl'));
  mkdirSync(join(unpacked, 'app'));
  cpSync('/bin/true', join(unpacked, 'app/true'));
  linkSync(join(unpacked, 'app/true'), join(unpacked, 'app/same'));
  symlinkSync('true', join(unpacked, 'app/link'));
  run('umoci', ['repack', '--image', 'layout:deb', 'bundle']);
  run('umoci', ['config', '--image', 'layout:deb', '--config.entrypoint', '/app/true']);
  unpack();
}

function convert(): void {
  const copy = (...args: readonly string[]): void => run('skopeo', ['copy', '-q', ...args]);
  copy('oci:layout:deb', 'docker-archive:docker.tar:example/deb:1');
  copy('oci:layout:deb', 'oci-archive:oci.tar:deb');
  copy('oci:layout:deb', 'dir:dir');
  copy('--dest-decompress', 'oci:layout:deb', 'dir:plain');
  copy('--dest-compress', '--dest-compress-format', 'zstd', 'oci:layout:deb', 'oci:zstd:deb');
  run('tar', ['-C', unpacked, '-cf', 'rootfs.tar', '.']);
  for (const archive of ['docker.tar', 'oci.tar', 'rootfs.tar']) {
    run('gzip', ['-1k', archive]);
    run('zstd', ['-qk', archive]);
  }
}

/** What lstat says of every path, the root left out: tools differ on it. */
function unpackedListing(directory: string, path = ''): readonly string[] {
  return readdirSync(join(directory, path), { encoding: 'utf8' }).flatMap((name) => {
    const child = `${path}/${name}`;
    const stats = lstatSync(join(directory, child));
    const owner = `${stats.uid}:${stats.gid} ${(stats.mode & 0o7777).toString(8)}`;
    if (stats.isSymbolicLink()) return [`${child} -> ${readlinkSync(join(directory, child))}`];
    if (stats.isDirectory()) return [`${child}/ ${owner}`, ...unpackedListing(directory, child)];
    return stats.isFile() ? [`${child} ${owner} ${stats.size}`] : [`${child} ${owner} special`];
  });
}

function loadedListing(loaded: LoadedImage): readonly string[] {
  return [...mergeLayers(loaded.layers, { windows: false }).entries()].flatMap((entry) => {
    const owner = `${entry.uid}:${entry.gid} ${entry.mode.toString(8)}`;
    if (entry.path === '/') return [];
    if (entry.type === 'symlink') return [`${entry.path} -> ${entry.linkTarget ?? ''}`];
    if (entry.type === 'directory') return [`${entry.path}/ ${owner}`];
    return entry.type === 'file' ? [`${entry.path} ${owner} ${entry.size}`] : [`${entry.path} ${owner} special`];
  });
}

const REFERENCES = [
  'docker.tar',
  'docker-archive:docker.tar:example/deb:1',
  'layout',
  'oci:layout:deb',
  'oci.tar',
  'oci-archive:oci.tar:deb',
  'dir',
  'dir:plain',
  'oci:zstd',
  'docker.tar.gz',
  'docker.tar.zst',
  'oci.tar.gz',
  'oci.tar.zst',
  'rootfs.tar',
  'rootfs.tar.gz',
  'rootfs.tar.zst',
  'bundle/rootfs',
  'rootfs:bundle/rootfs',
];

describe('one image in every form', () => {
  test.each(REFERENCES)('%s shows what umoci unpacks', async (reference) => {
    const [, transport = '', path = ''] = /^([a-z-]+:)?(.*)$/.exec(reference) ?? [];
    const loaded = only(await load(`${transport}${join(place, path)}`, { collector }));
    compare(loaded);
  });

  test.each(['docker.tar', 'docker.tar.gz', 'oci.tar', 'oci.tar.zst', 'rootfs.tar', 'rootfs.tar.gz'])(
    '%s from stdin shows what umoci unpacks',
    async (name) => {
      compare(only(await load('-', { collector, stdin: createReadStream(join(place, name)) })));
    },
  );

  function compare(loaded: LoadedImage): void {
    const expected = [...unpackedListing(unpacked)].sort();
    expect(expected.length).toBeGreaterThan(5000);
    expect([...loadedListing(loaded)].sort()).toEqual(expected);
    expect(loaded.gaps).toEqual([]);
    expect(loaded.layers.flatMap((facts) => facts.gaps)).toEqual([]);
  }

  test('layers, names and entrypoint are those of the image', async () => {
    const oci = only(await load(`oci:${join(place, 'layout')}:deb`, { collector })).image;
    const docker = only(await load(join(place, 'docker.tar'), { collector })).image;
    const zstd = only(await load(join(place, 'zstd'), { collector })).image;
    expect(oci.config.entrypoint).toEqual(['/app/true']);
    expect([oci, docker, zstd].map((image) => image.layers.map((layer) => layer.compression))).toEqual([
      ['gzip', 'gzip'],
      ['none', 'none'],
      ['zstd', 'zstd'],
    ]);
    const diffIds = oci.layers.map((layer) => layer.diffId);
    expect(docker.layers.map((layer) => layer.diffId)).toEqual(diffIds);
    expect(docker.names).toEqual(['docker.io/example/deb:1']);
  });
});

describe('what zstd writes', () => {
  const settings = [
    ['-1'],
    ['-19', '--long=27'],
    ['-3', '-T2', '--no-check'],
    ['--ultra', '-22'],
    ['--rsyncable', '-5'],
  ];

  test.each(settings.map((flags) => flags.join(' ')))('%s is read to the same listing', async (flags) => {
    run('sh', ['-c', `head -c 5000000 rootfs.tar > part.tar; zstd -qf ${flags} part.tar -o part.zst`]);
    const plain = only(await load(`rootfs:${join(place, 'part.tar')}`, { collector }));
    const squeezed = only(await load(`rootfs:${join(place, 'part.zst')}`, { collector }));
    // The tar was cut, so both have a gap; what was read before it is the same.
    expect(loadedListing(squeezed)).toEqual(loadedListing(plain));
  });

  test('frames one after another are one stream', async () => {
    run('sh', [
      '-c',
      'split -b 30000000 rootfs.tar cut.; for f in cut.??; do zstd -q $f; done; cat cut.*.zst > joined.zst',
    ]);
    const loaded = only(await load(join(place, 'joined.zst'), { collector }));
    expect([...loadedListing(loaded)].sort()).toEqual([...unpackedListing(unpacked)].sort());
  });
});

test('an index over two platforms, written by hand, is chosen from as skopeo chooses', async () => {
  const layout = join(place, 'layout');
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  const first = index.manifests[0]?.digest ?? '';
  const blob = (digest: string): string => join(layout, 'blobs', digest.replace(':', '/'));
  const manifest = JSON.parse(readFileSync(blob(first), 'utf8')) as { config: { digest: string; size: number } };
  const config = JSON.parse(readFileSync(blob(manifest.config.digest), 'utf8')) as Record<string, unknown>;
  const write = (value: unknown): { digest: string; size: number } => {
    const bytes = json(value);
    const digest = `sha256:${sha256(bytes)}`;
    writeFileSync(blob(digest), bytes);
    return { digest, size: bytes.length };
  };
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const armConfig = write({ ...config, architecture: 'arm64' });
  const arm = write({ ...manifest, config: { ...manifest.config, ...armConfig } });
  const entry = (architecture: string, blobOf: { digest: string; size: number }): unknown => {
    return { mediaType: manifestType, ...blobOf, platform: { os: 'linux', architecture } };
  };
  const amd = { digest: first, size: readFileSync(blob(first)).length };
  const nested = write({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [entry('amd64', amd), entry('arm64', arm)],
  });
  const annotations = { 'org.opencontainers.image.ref.name': 'multi' };
  const descriptor = { mediaType: 'application/vnd.oci.image.index.v1+json', ...nested, annotations };
  writeFileSync(join(layout, 'index.json'), json({ schemaVersion: 2, manifests: [descriptor] }));
  for (const architecture of ['amd64', 'arm64']) {
    const platform = { os: 'linux', architecture, variant: null, osVersion: null };
    const loaded = only(await load(`oci:${layout}:multi`, { collector, platform }));
    const args = ['--override-arch', architecture, 'inspect', `oci:${layout}:multi`];
    const inspected = JSON.parse(execFileSync('skopeo', args, { encoding: 'utf8' })) as {
      readonly Architecture: string;
    };
    expect(loaded.image.platform.architecture).toBe(inspected.Architecture);
  }
});
