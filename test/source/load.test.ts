import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LoadedSource } from '../../src/model/load.js';
import {
  gzip,
  image,
  type ImageBuilder,
  layoutMembers,
  layoutOf,
  nestedIndex,
  type Packing,
  sha256,
  tar,
  tarOf,
  writeMembers,
  zstdFrame,
} from '../support/image-builder.js';
import { fileOf, gapsOf, HOST, isComplete, listing, load, loadFromStdin, only, refusal, scratch } from './loading.js';

const FILES = { '/bin/app': 'program', '/etc/old': 'old', '/bin/link': { link: 'app' } } as const;
const CHANGES = { '/etc/.wh.old': '', '/etc/new': 'new' } as const;
const LISTING = [
  '/ directory',
  '/bin directory',
  '/bin/app: program',
  '/bin/link -> app',
  '/etc directory',
  '/etc/new: new',
];

function built(packing: Packing = 'none'): ImageBuilder {
  return image()
    .layer(FILES, packing)
    .layer(CHANGES, packing)
    .config({ Entrypoint: ['/bin/app'] })
    .name('app:1');
}

/** Every way in which an image reaches us, with the format that it is then said to have. */
const FORMS: readonly (readonly [string, string, (item: ImageBuilder) => Promise<LoadedSource>])[] = [
  ['docker save, old', 'docker-archive', (item) => load(fileOf(item.dockerSave()))],
  ['docker save, new', 'docker-archive', (item) => load(fileOf(item.dockerSaveOci()))],
  ['an OCI layout in a tar', 'oci-archive', (item) => load(fileOf(item.ociTar()))],
  ['an OCI layout in a directory', 'oci-layout', (item) => load(item.ociDir(scratch()))],
  ["skopeo's dir:", 'dir', (item) => load(item.skopeoDir(scratch()))],
  ['an unpacked docker archive', 'docker-archive', (item) => load(writeMembers(scratch(), item.savedMembers()))],
  ['a gzipped docker archive', 'docker-archive', (item) => load(fileOf(gzip(item.dockerSave())))],
  ['a docker archive in zstd', 'docker-archive', (item) => load(fileOf(zstdFrame(item.dockerSaveOci())))],
  ['a gzipped OCI archive', 'oci-archive', (item) => load(fileOf(gzip(item.ociTar())))],
  ['docker save, old, from stdin', 'docker-archive', (item) => loadFromStdin(item.dockerSave())],
  ['docker save, new, from stdin', 'docker-archive', (item) => loadFromStdin(item.dockerSaveOci())],
  ['a gzipped OCI archive from stdin', 'oci-archive', (item) => loadFromStdin(gzip(item.ociTar()))],
];

describe.each(FORMS)('%s', (_, format, loading) => {
  test.each<Packing>(['none', 'gzip', 'zstd'])('is read with layers stored as %s', async (packing) => {
    const item = built(packing);
    const loaded = only(await loading(item));
    expect(listing(loaded)).toEqual(LISTING);
    expect(gapsOf(loaded)).toEqual([]);
    expect(loaded.image.format).toBe(format);
    expect(loaded.image.config.entrypoint).toEqual(['/bin/app']);
    expect(loaded.image.platform).toMatchObject({ os: 'linux', architecture: 'amd64' });
    expect(loaded.image.layers.map((layer) => layer.compression)).toEqual([packing, packing]);
    expect(loaded.image.layers.map((layer) => layer.createdBy)).toEqual(['RUN step 0', 'RUN step 1']);
    expect(loaded.image.layers.map((layer) => layer.digest)).toEqual(item.layers.map((layer) => layer.digest));
    expect(loaded.layers.map((facts) => facts.diffId)).toEqual(item.layers.map((layer) => layer.diffId));
  });
});

test.each(['dockerSave', 'dockerSaveOci', 'ociTar'] as const)('%s gives the name of the image', async (form) => {
  expect(only(await load(fileOf(built()[form]()))).image.names).toEqual(['app:1']);
});

test('the content decides, whatever the file is called', async () => {
  expect(only(await load(fileOf(built().dockerSave(), 'image.txt'))).image.format).toBe('docker-archive');
  expect(only(await load(fileOf(gzip(built().ociTar()), 'layout.zip'))).image.format).toBe('oci-archive');
});

test('the digest is that of the manifest, or of the config where there is none', async () => {
  const item = built();
  const [old, oci] = [only(await load(fileOf(item.dockerSave()))), only(await load(fileOf(item.ociTar())))];
  expect(old.image.digest).toBe(`sha256:${sha256(item.configBytes())}`);
  expect(oci.image.digest).toBe(`sha256:${sha256(item.manifestBytes())}`);
});

test('without verification nothing is hashed', async () => {
  const loaded = only(await load(fileOf(built('gzip').ociTar()), { verify: false }));
  expect(loaded.layers.map((facts) => facts.diffId)).toEqual([null, null]);
  expect(listing(loaded)).toEqual(LISTING);
});

test('layer.tar may be a link to the layer.tar of another image of the archive', async () => {
  const members = built().savedMembers();
  const name = members.map(([path]) => path).find((path) => path.endsWith('/layer.tar')) ?? '';
  const twin = `${'e'.repeat(64)}/layer.tar`;
  const linked = members.map(([path, content]): [string, typeof content] =>
    path === name ? [twin, content] : [path, content],
  );
  const archive = tar([...linked, [name, { link: `../${twin}` }]]);
  expect(listing(only(await load(fileOf(archive))))).toEqual(LISTING);
  expect(listing(only(await loadFromStdin(archive)))).toEqual(LISTING);
});

test('a media type that does not fit the bytes is noted, and the bytes decide', async () => {
  const item = image().layer(FILES, 'gzip', 'application/vnd.oci.image.layer.v1.tar+zstd');
  const source = await load(fileOf(item.ociTar()));
  expect(only(source).image.layers[0]?.compression).toBe('gzip');
  expect(source.notes).toEqual([
    `blobs/sha256/${sha256(item.layers[0]?.blob ?? '')} is gzip, its media type says \`application/vnd.oci.image.layer.v1.tar+zstd\``,
  ]);
});

describe('several images in one archive', () => {
  const amd64 = image().layer({ '/a': 'amd64' });
  const arm64 = image().layer({ '/a': 'arm64' }).platform({ os: 'linux', architecture: 'arm64' });
  const armv6 = image().layer({ '/a': 'armv6' }).platform({ os: 'linux', architecture: 'arm', variant: 'v6' });
  const armv7 = image().layer({ '/a': 'armv7' }).platform({ os: 'linux', architecture: 'arm', variant: 'v7' });
  const win2019 = image()
    .layer({ '/a': 'win' })
    .platform({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763.5696' });
  const win2022 = image()
    .layer({ '/a': 'win' })
    .platform({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2402' });
  const all = [amd64, arm64, armv6, armv7, win2019, win2022];
  const archive = (): string => fileOf(tar(layoutMembers(all)));
  const platforms = (source: LoadedSource): readonly string[] =>
    source.images.map(({ image: { platform } }) =>
      [platform.os, platform.architecture, platform.variant ?? platform.osVersion].filter((word) => word).join('/'),
    );
  const selector = (
    os: string,
    architecture: string,
    variant: string | null = null,
    osVersion: string | null = null,
  ) => ({
    platform: { os, architecture, variant, osVersion },
  });

  test("the host's platform is chosen, and said", async () => {
    const source = await load(archive());
    expect(platforms(source)).toEqual(['linux/amd64']);
    expect(source.notes.join()).toMatch(/6 platforms in the archive .*linux\/amd64 chosen/);
  });

  test('an armv7 host takes v7, and v6 where that is all there is', async () => {
    const preferred = { ...HOST, architecture: 'arm', variant: 'v7' };
    expect(platforms(await load(archive(), { preferred }))).toEqual(['linux/arm/v7']);
    const without = fileOf(tar(layoutMembers([amd64, armv6])));
    expect(platforms(await load(without, { preferred }))).toEqual(['linux/arm/v6']);
  });

  test('where the host has none, all are shown, and that is said', async () => {
    const source = await load(archive(), { preferred: { ...HOST, architecture: 's390x' } });
    expect(source.images).toHaveLength(6);
    expect(source.notes.join()).toContain('none for linux/s390x: all are shown');
  });

  test('--all-platforms shows all', async () => {
    expect((await load(archive(), { allPlatforms: true })).images).toHaveLength(6);
  });

  test.each([
    [selector('linux', 'arm64', 'v8'), ['linux/arm64']],
    [selector('linux', 'arm', 'v6'), ['linux/arm/v6']],
    [selector('windows', 'amd64', null, '10.0.20348'), ['windows/amd64/10.0.20348.2402']],
    [selector('windows', 'amd64', null, '10.0.17763.5696'), ['windows/amd64/10.0.17763.5696']],
  ])('%j is chosen', async (change, expected) => {
    expect(platforms(await load(archive(), change))).toEqual(expected);
  });

  test('a platform that is not there is refused with those that are', async () => {
    const error = await refusal(load(archive(), selector('linux', 's390x')));
    expect(error.code).toBe('XOS_NO_SUCH_PLATFORM');
    expect(error.message).toContain('has no image for linux/s390x, it has linux/amd64, linux/arm64, linux/arm/v6');
  });

  test('a single image of another platform is shown, unless another was asked for', async () => {
    const path = fileOf(arm64.dockerSave());
    expect(platforms(await load(path))).toEqual(['linux/arm64']);
    expect((await refusal(load(path, selector('linux', 'amd64')))).code).toBe('XOS_NO_SUCH_PLATFORM');
  });

  test('nested indexes are followed, and attestations are no images', async () => {
    const attestation = image().layer({ '/sbom': '{}' }).platform({ os: 'unknown', architecture: 'unknown' });
    const descriptor = {
      ...attestation.descriptor(),
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    };
    const inner = nestedIndex([amd64.descriptor(), arm64.descriptor(), descriptor]);
    const outer = nestedIndex([inner.descriptor], { 'org.opencontainers.image.ref.name': 'app:1' });
    const blobs = [amd64, arm64, attestation].flatMap((item) => item.blobs());
    const path = fileOf(tar(layoutOf([outer.descriptor], [...blobs, inner.blob, outer.blob])));
    const source = await load(path, { allPlatforms: true });
    expect(platforms(source)).toEqual(['linux/amd64', 'linux/arm64']);
    expect(source.images.map((item) => item.image.names)).toEqual([['app:1'], ['app:1']]);
  });

  test('a platform that the index lists and nobody saved is noted, and named when asked for', async () => {
    const path = fileOf(tar(layoutOf([amd64.descriptor(), arm64.descriptor()], amd64.blobs())));
    const source = await load(path, { allPlatforms: true });
    expect(platforms(source)).toEqual(['linux/amd64']);
    expect(source.notes).toEqual(['listed, but not in the archive: linux/arm64']);
    const error = await refusal(load(path, selector('linux', 'arm64')));
    expect(error.message).toMatch(/it has linux\/amd64; the index lists it, and .*not in the archive/);
  });

  test('images with different names are all shown; a name, a place or a digest chooses one', async () => {
    const [one, two] = [image().layer({ '/a': '1' }).name('one:1'), image().layer({ '/a': '2' }).name('two:2')];
    const path = fileOf(tar(layoutMembers([one, two])));
    const source = await load(path);
    expect(source.images.map((item) => item.image.names[0])).toEqual(['one:1', 'two:2']);
    expect(source.notes).toEqual(['2 images in the archive, all are shown: one:1, two:2']);
    expect(only(await load(`oci-archive:${path}:two:2`)).image.names).toEqual(['two:2']);
    expect(only(await load(`oci-archive:${path}:@1`)).image.names).toEqual(['two:2']);
    const digest = `sha256:${sha256(one.manifestBytes())}`;
    expect(only(await load(`oci-archive:${path}@${digest}`)).image.names).toEqual(['one:1']);
    const error = await refusal(load(`oci-archive:${path}:three`));
    expect(error.code).toBe('XOS_IMAGE_NOT_FOUND');
    expect(error.message).toContain('one:1, two:2');
  });

  test('one image with two tags is one image with two names', async () => {
    const item = image().layer({ '/a': '1' });
    const tagged = (name: string): unknown => {
      return { ...item.descriptor(), annotations: { 'org.opencontainers.image.ref.name': name } };
    };
    const source = await load(fileOf(tar(layoutOf([tagged('v1'), tagged('latest')], item.blobs()))));
    expect(only(source).image.names).toEqual(['v1', 'latest']);
  });

  test('docker names are compared as docker spells them', async () => {
    const item = image().layer({ '/a': '1' }).name('docker.io/library/busybox:latest');
    const path = fileOf(item.dockerSave());
    expect(only(await load(`docker-archive:${path}:busybox`)).image.names).toHaveLength(1);
  });
});

describe('a file that is no archive of images', () => {
  test('a tar without manifest is a root filesystem', async () => {
    const loaded = only(await load(fileOf(tarOf({ '/usr/bin/x': 'x', '/manifest.json': '{}' }))));
    expect(loaded.image).toMatchObject({ format: 'rootfs', digest: null, platform: { os: '', architecture: '' } });
    expect(listing(loaded)).toContain('/usr/bin/x: x');
  });

  test.each([gzip, zstdFrame])('and so is one that is compressed', async (squeeze) => {
    const loaded = only(await load(fileOf(squeeze(tarOf({ '/usr/bin/x': 'x' })))));
    expect(listing(loaded)).toEqual(['/ directory', '/usr directory', '/usr/bin directory', '/usr/bin/x: x']);
  });

  test('a compressed tar that begins like an image and is none is read again as a root filesystem', async () => {
    const loaded = only(await load(fileOf(gzip(tarOf({ '/manifest.json': '{}', '/etc/x': 'x' })))));
    expect(loaded.image.format).toBe('rootfs');
    expect(listing(loaded)).toContain('/etc/x: x');
  });

  test.each([
    ['an ELF file', '\x7fELF...', 'tool'],
    ['a script', '#!/bin/sh\n', 'run.sh'],
    ['a Windows program', 'MZ......', 'a.exe'],
  ])('%s is an image of one file that is its entrypoint', async (_, content, name) => {
    const loaded = only(await load(fileOf(content, name)));
    expect(loaded.image).toMatchObject({ format: 'file', platform: { os: '' }, config: { entrypoint: [`/${name}`] } });
    expect(listing(loaded)).toEqual(['/ directory', `/${name}: ${content}`]);
  });

  test('`file:` takes any file, an empty one too', async () => {
    expect(listing(only(await load(`file:${fileOf('', 'empty')}`)))).toEqual(['/ directory', '/empty: ']);
  });

  test.each([
    ['', 'is empty'],
    ['plain text', 'text without a `#!` line'],
    ['{"schemaVersion":2}', 'a JSON document'],
    ['PK\x03\x04....', 'a zip archive'],
    [Buffer.from('fd377a585a000000', 'hex'), 'compressed with xz'],
    [Buffer.from('00ff00ff', 'hex'), 'no known format'],
    [Buffer.alloc(100), 'full of zeros'],
    [tar([]), 'a tar without members'],
  ])('%j is refused as what it is', async (content, says) => {
    const error = await refusal(load(fileOf(content)));
    expect(error.code).toBe('XOS_NOT_AN_IMAGE');
    expect(error.message).toContain(says);
    expect(error.suggestions).not.toEqual([]);
  });

  test('a transport that does not fit is refused with the one that does', async () => {
    const error = await refusal(load(`docker-archive:${fileOf(built().ociTar())}`));
    expect(error.code).toBe('XOS_NOT_AN_IMAGE');
    expect(error.suggestions[0]).toContain('oci-archive:');
  });
});

describe('a directory that is no layout', () => {
  test('with `etc` or `usr` it is a root filesystem', async () => {
    const path = writeMembers(scratch(), [['etc/passwd', 'root']]);
    expect(only(await load(path)).image.format).toBe('rootfs');
  });

  test('without them it is refused, and `rootfs:` still takes it', async () => {
    const path = writeMembers(scratch(), [['package.json', '{}']]);
    const error = await refusal(load(path));
    expect(error.code).toBe('XOS_NOT_AN_IMAGE');
    expect(error.suggestions.join()).toContain(`rootfs:${path}`);
    expect(listing(only(await load(`rootfs:${path}`)))).toEqual(['/ directory', '/package.json: {}']);
  });

  test('blobs of a layout may be links', async () => {
    const target = built().ociDir(scratch());
    const path = scratch();
    for (const name of ['oci-layout', 'index.json', 'blobs']) symlinkSync(join(target, name), join(path, name));
    expect(listing(only(await load(path)))).toEqual(LISTING);
  });

  test('a directory where a blob should be is a missing blob', async () => {
    const item = built();
    const path = item.ociDir(scratch());
    const name = item.layers[0]?.digest.replace(':', '/') ?? '';
    const copy = writeMembers(
      scratch(),
      layoutMembers([item]).filter(([member]) => member !== `blobs/${name}`),
    );
    mkdirSync(join(copy, 'blobs', name));
    expect(isComplete(only(await load(path)))).toBe(true);
    expect(isComplete(only(await load(copy)))).toBe(false);
  });
});

describe('stdin', () => {
  test('a root filesystem is read as it passes', async () => {
    expect(listing(only(await loadFromStdin(tarOf({ '/etc/x': 'x' }))))).toContain('/etc/x: x');
    expect(only(await loadFromStdin(tarOf({ '/etc/x': 'x' }), 'rootfs:-')).image.format).toBe('rootfs');
  });

  test('a program is an image of one file', async () => {
    expect(only(await loadFromStdin(Buffer.from('#!/bin/sh\n'))).image.config.entrypoint).toEqual(['/stdin']);
  });

  test.each([
    ['', 'is empty'],
    ['plain text', 'text without'],
  ])('%j is refused', async (content, says) => {
    const error = await refusal(loadFromStdin(Buffer.from(content)));
    expect(error).toMatchObject({ code: 'XOS_NOT_AN_IMAGE' });
    expect(error.message).toContain(says);
  });

  test('what began like an image and is none cannot be read again', async () => {
    const error = await refusal(loadFromStdin(tarOf({ '/manifest.json': '{}', '/etc/x': 'x' })));
    expect(error.suggestions).toEqual(['if it is the tar of a root filesystem: xoscheck rootfs:-']);
  });
});

test.each(['/no/such/file', 'oci:/no/such/layout', 'nginx:1.25'])('%s is not found', async (reference) => {
  const error = await refusal(load(reference));
  expect(error.code).toBe('XOS_IMAGE_NOT_FOUND');
  expect(error.suggestions).not.toEqual([]);
});
