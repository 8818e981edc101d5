import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { XosError } from '../../src/model/error.js';
import {
  gzip,
  image,
  json,
  layoutOf,
  type Members,
  nestedIndex,
  sha256,
  tar,
  tarOf,
  zstdFrame,
} from '../support/image-builder.js';
import { fileOf, gapsOf, isComplete, LIMITS, listing, load, loadFromStdin, only, refusal } from './loading.js';

/** An archive of `docker save` with one image, written by hand. */
function saved(members: Members, layers: readonly string[], config: unknown = configFor(layers.length)): Uint8Array {
  const manifest = [{ Config: 'config.json', RepoTags: null, Layers: layers }];
  return tar([...members, ['config.json', json(config)], ['manifest.json', json(manifest)]]);
}

function configFor(layers: number): unknown {
  const diffIds = Array.from({ length: layers }, () => `sha256:${'0'.repeat(64)}`);
  return { os: 'linux', architecture: 'amd64', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } };
}

const LAYER = tarOf({ '/a': 'content of a', '/b': 'content of b' });

describe('an archive that was cut', () => {
  const whole = {
    old: image().layer({ '/a': 'a' }).layer({ '/b': 'b' }, 'gzip').dockerSave(),
    new: image().layer({ '/a': 'a' }).layer({ '/b': 'b' }, 'zstd').dockerSaveOci(),
    oci: image().layer({ '/a': 'a' }, 'gzip').ociTar(),
  };

  test.each(Object.entries(whole))(
    '%s: is an error, says what is missing, or misses nothing at every cut, from a file and from stdin',
    async (_, bytes) => {
      const complete = listing(only(await load(fileOf(bytes))));
      // The last 1024 bytes are the end-of-archive mark, which may be missing.
      for (let length = 100; length < bytes.length - 1024; length += 509) {
        const cut = bytes.subarray(0, length);
        for (const loading of [load(fileOf(cut)), loadFromStdin(cut), load(fileOf(gzip(cut)))]) {
          const outcome = await loading.catch((cause: unknown) => cause);
          if (outcome instanceof XosError) expect(['XOS_IMAGE_DAMAGED', 'XOS_NOT_AN_IMAGE']).toContain(outcome.code);
          else {
            const source = await loading;
            const said = [...gapsOf(only(source)), ...source.notes];
            // Where only padding was cut, nothing is lost.
            if (said.length === 0) expect(listing(only(source))).toEqual(complete);
          }
        }
      }
    },
  );

  test('a compressed archive that was cut says so', async () => {
    const bytes = gzip(whole.old);
    const error = await refusal(load(fileOf(bytes.subarray(0, bytes.length - 100))));
    expect(error.code).toBe('XOS_IMAGE_DAMAGED');
    expect(error.message).toContain(`ends too early (offset ${bytes.length - 100},`);
  });

  test('a compressed archive of which only the checksum was cut is read, and the cut noted', async () => {
    const bytes = gzip(whole.old);
    for (const loading of [load(fileOf(bytes.subarray(0, -4))), loadFromStdin(bytes.subarray(0, -4))]) {
      const source = await loading;
      expect(gapsOf(only(source))).toEqual([]);
      expect(source.notes.join()).toMatch(/the archive ends too early \(offset \d+/);
    }
  });

  test('an archive that ends before its manifest is damaged, not a root filesystem', async () => {
    const members = image().layer({ '/a': 'a' }).savedMembers();
    for (const bytes of [tar(members.slice(0, -1)), tar(members.slice(0, -1), { end: false })]) {
      expect((await refusal(load(fileOf(bytes)))).code).toBe('XOS_IMAGE_DAMAGED');
      expect((await refusal(loadFromStdin(bytes))).code).toBe('XOS_IMAGE_DAMAGED');
    }
  });
});

describe('a damaged layer is a gap, and the rest is reported', () => {
  test.each([
    ['gzip', (bytes: Uint8Array) => gzip(bytes)],
    ['zstd', (bytes: Uint8Array) => zstdFrame(bytes, { blockBytes: 1000 })],
  ])('truncated %s', async (_, squeeze) => {
    const stored = squeeze(tarOf({ '/a': 'a'.repeat(3000), '/b': 'b' }));
    const archive = saved(
      [
        ['0.tar', stored.subarray(0, stored.length - 30)],
        ['1.tar', LAYER],
      ],
      ['0.tar', '1.tar'],
    );
    for (const loading of [load(fileOf(archive)), loadFromStdin(archive)]) {
      const loaded = only(await loading);
      expect(listing(loaded)).toContain('/b: content of b');
      expect(gapsOf(loaded)).toContain('layer 0 layer truncated');
      expect(isComplete(loaded)).toBe(false);
    }
  });

  test('a missing blob', async () => {
    const archive = saved([['1.tar', LAYER]], ['0.tar', '1.tar']);
    for (const loading of [load(fileOf(archive)), loadFromStdin(archive)]) {
      const loaded = only(await loading);
      expect(listing(loaded)).toContain('/a: content of a');
      expect(gapsOf(loaded)).toContain('layer 0 layer truncated');
      expect(loaded.layers[0]?.gaps[0]?.path).toBe('0.tar');
      expect(isComplete(loaded)).toBe(false);
    }
  });

  test.each([
    ['text', Buffer.from('this is no tar at all'.repeat(100))],
    ['xz', Buffer.from('fd377a585a0000000000', 'hex')],
    ['nothing', new Uint8Array(0)],
  ])('a blob of %s', async (_, blob) => {
    const archive = saved(
      [
        ['0.tar', blob],
        ['1.tar', LAYER],
      ],
      ['0.tar', '1.tar'],
    );
    for (const loading of [load(fileOf(archive)), loadFromStdin(archive)]) {
      const loaded = only(await loading);
      expect(listing(loaded)).toContain('/a: content of a');
      if (blob.length > 0) expect(gapsOf(loaded).join()).toMatch(/layer 0 layer/);
    }
  });
});

describe('digests', () => {
  const tamper = (members: Members, name: string): Members =>
    members.map(([path, content]) => [
      path,
      path === name && content instanceof Uint8Array ? changed(content) : content,
    ]);
  const changed = (bytes: Uint8Array): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    copy[512] = (copy[512] ?? 0) ^ 1; // the first byte of the first file
    return copy;
  };

  test('a layer that is not what its digest says is a gap with the computed one', async () => {
    const item = image().layer({ '/a': 'content' });
    const name = item.layers[0]?.digest.replace(':', '/') ?? '';
    const members = layoutOf([item.descriptor()], tamper(item.blobs(), `blobs/${name}`));
    const computed = `sha256:${sha256(changed(item.layers[0]?.blob ?? new Uint8Array()))}`;
    for (const loading of [load(fileOf(tar(members))), loadFromStdin(tar(members))]) {
      const loaded = only(await loading);
      expect(loaded.gaps).toEqual([
        {
          path: `blobs/${name}`,
          layer: 0,
          part: 'digest',
          error: { kind: 'bad-value', at: 0, field: 'digest', value: computed },
        },
        {
          path: `blobs/${name}`,
          layer: 0,
          part: 'diff ID',
          error: { kind: 'bad-value', at: 0, field: 'diff ID', value: computed },
        },
      ]);
      expect(listing(loaded)).toContain('/a: bontent');
    }
    expect(only(await load(fileOf(tar(members)), { verify: false })).gaps).toEqual([]);
  });

  test('a config that is not what its digest says is a gap', async () => {
    const item = image().layer({ '/a': 'content' });
    const name = `blobs/sha256/${sha256(item.configBytes())}`;
    const blobs = item
      .blobs()
      .map(([path, content]): readonly [string, typeof content] =>
        path === name ? [path, Buffer.concat([item.configBytes(), Buffer.from(' ')])] : [path, content],
      );
    const loaded = only(await load(fileOf(tar(layoutOf([item.descriptor()], blobs)))));
    expect(gapsOf(loaded)).toEqual(['layer - digest bad-value']);
  });

  test('bytes that follow a gzip stream are noted, and the digest covers them', async () => {
    const blob = Buffer.concat([gzip(LAYER), Buffer.from('tail')]);
    const name = `blobs/sha256/${sha256(blob)}`;
    const source = await load(fileOf(saved([[name, blob]], [name])));
    expect(source.notes.join()).toMatch(/4 bytes behind the end of the gzip stream/);
    expect(gapsOf(only(source))).toEqual(['layer 0 diff ID bad-value']); // the config's is made of zeros
  });
});

describe('documents', () => {
  test.each([
    ['no JSON', 'not json'],
    ['an object', '{}'],
    ['a number for the layers', '[{"Config":"config.json","Layers":3}]'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['nothing', ''],
  ])('a manifest.json of %s is damage with its place', async (_, text) => {
    const error = await refusal(load(fileOf(tar([['manifest.json', text]]))));
    expect(error.code).toBe('XOS_IMAGE_DAMAGED');
    expect(error.message).toContain('`manifest.json`');
  });

  test('an index.json with a bad digest names the JSON path', async () => {
    const manifests = [{ mediaType: 'x', digest: '../../etc/passwd', size: 3 }];
    const error = await refusal(load(fileOf(tar(layoutOf(manifests, [['blobs/sha256/00', 'x']])))));
    expect(error.code).toBe('XOS_IMAGE_DAMAGED');
    expect(error.message).toContain('$.manifests[0].digest');
  });

  test('a manifest over the limit is not read', async () => {
    const archive = tar([['manifest.json', Buffer.alloc(LIMITS.manifestBytes + 1, ' ')]]);
    for (const loading of [load(fileOf(archive)), loadFromStdin(archive)]) {
      expect((await refusal(loading)).message).toContain(`the limit is ${LIMITS.manifestBytes}`);
    }
  });

  test('a config that is missing, or no JSON, is damage', async () => {
    const item = image().layer({ '/a': 'a' });
    const name = `blobs/sha256/${sha256(item.configBytes())}`;
    const without = item.blobs().filter(([path]) => path !== name);
    for (const blobs of [without, [...without, [name, 'no json'] as const]]) {
      const error = await refusal(load(fileOf(tar(layoutOf([item.descriptor()], blobs)))));
      expect(error.code).toBe('XOS_IMAGE_DAMAGED');
      expect(error.message).toContain(name);
    }
  });

  test('an artifact is no image', async () => {
    const config = json({});
    const manifest = json({
      schemaVersion: 2,
      artifactType: 'application/vnd.example+json',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${sha256(config)}`, size: 2 },
      layers: [],
    });
    const descriptor = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: `sha256:${sha256(manifest)}`,
      size: manifest.length,
    };
    const blobs: Members = [manifest, config].map((bytes) => [`blobs/sha256/${sha256(bytes)}`, bytes] as const);
    const error = await refusal(load(fileOf(tar(layoutOf([descriptor], blobs)))));
    expect(error.code).toBe('XOS_NOT_AN_IMAGE');
    expect(error.message).toContain('application/vnd.example+json');
  });
});

describe('names and links', () => {
  test('names with `..` lead nowhere but into the archive', async () => {
    const archive = saved([['../../etc/passwd', LAYER]], ['../../../../etc/passwd']);
    expect(listing(only(await load(fileOf(archive))))).toContain('/a: content of a');
    const absent = only(await load(fileOf(saved([], ['../../../../etc/hostname']))));
    expect(gapsOf(absent)).toContain('layer 0 layer truncated');
  });

  test('a member that is a link to a file of this machine is a missing blob', async () => {
    const archive = saved([['0.tar', { link: '/etc/passwd' }]], ['0.tar']);
    for (const loading of [load(fileOf(archive)), loadFromStdin(archive)]) {
      expect(gapsOf(only(await loading))).toContain('layer 0 layer truncated');
    }
  });

  test('links that lead in a circle are a missing blob', async () => {
    const archive = saved(
      [
        ['0.tar', { link: '1.tar' }],
        ['1.tar', { link: '0.tar' }],
      ],
      ['0.tar'],
    );
    expect(gapsOf(only(await load(fileOf(archive))))).toContain('layer 0 layer truncated');
  });

  test('of two members with one name the later counts', async () => {
    const archive = saved(
      [
        ['0.tar', tarOf({ '/a': 'first' })],
        ['0.tar', tarOf({ '/a': 'second' })],
      ],
      ['0.tar'],
    );
    for (const loading of [load(fileOf(archive)), loadFromStdin(archive)]) {
      expect(listing(only(await loading))).toContain('/a: second');
    }
  });
});

describe('indexes and counts', () => {
  test('an index that lists itself ends', async () => {
    const item = image().layer({ '/a': 'a' });
    const self = `sha256:${'a'.repeat(64)}`;
    const loop = json({
      schemaVersion: 2,
      manifests: [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest: self, size: 1 }, item.descriptor()],
    });
    const descriptor = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: self, size: loop.length };
    const blobs: Members = [...item.blobs(), [`blobs/${self.replace(':', '/')}`, loop]];
    expect(listing(only(await load(fileOf(tar(layoutOf([descriptor], blobs))))))).toContain('/a: a');
  });

  test('indexes in indexes are followed to a depth, and that is said', async () => {
    const item = image().layer({ '/a': 'a' });
    let nested = nestedIndex([item.descriptor()]);
    const blobs: (readonly [string, Uint8Array])[] = [nested.blob];
    for (let depth = 0; depth < 20; depth++) {
      nested = nestedIndex([nested.descriptor]);
      blobs.push(nested.blob);
    }
    const loading = load(fileOf(tar(layoutOf([item.descriptor(), nested.descriptor], [...item.blobs(), ...blobs]))));
    expect((await loading).notes.join()).toContain('indexes deeper than 8 are not followed');
  });

  test('a layer that is listed 500 times is read once', async () => {
    let read = 0;
    const collector = {
      version: 'count',
      interested: () => true,
      want: () => 'head' as const,
      collect: () => {
        read += 1;
        return null;
      },
    };
    const archive = saved(
      [['0.tar', gzip(LAYER)]],
      Array.from({ length: 500 }, () => '0.tar'),
    );
    const loaded = only(await load(fileOf(archive), { collector }));
    expect(loaded.layers).toHaveLength(500);
    expect(read).toBe(2);
  });

  test('an archive with more members than the limit says so', async () => {
    const members = Array.from({ length: 60 }, (_, index): [string, string] => [`blobs/sha256/${index}`, '']);
    const archive = tar([...members, ['manifest.json', '[]']]);
    const limits = { ...LIMITS, entries: 50 };
    for (const loading of [load(fileOf(archive), { limits }), loadFromStdin(archive, '-', { limits })]) {
      const error = await refusal(loading);
      expect(error.code).toBe('XOS_IMAGE_DAMAGED');
      expect(error.message).toContain('50');
    }
  });

  test.each([
    ['size', { ...LIMITS, layerBytes: 10_000 }, 'layer 0 layer limit'],
    ['ratio', { ...LIMITS, compressionRatio: 5 }, 'layer 0 layer limit'],
  ])('a layer that inflates beyond the limit of %s is a gap', async (_, limits, gap) => {
    const bomb = tarOf({ '/zeros': new Uint8Array(260 * 1024 * 1024) });
    const archive = saved(
      [
        ['0.tar', gzip(bomb)],
        ['1.tar', LAYER],
      ],
      ['0.tar', '1.tar'],
    );
    const loaded = only(await load(fileOf(archive), { limits }));
    expect(gapsOf(loaded)).toContain(gap);
    expect(listing(loaded)).toContain('/a: content of a');
  });
});

test('any bytes are an image, or an error that a user can act on', async () => {
  const start = fc.constantFrom('', '\x1f\x8b\x08\0', '\x28\xb5\x2f\xfd', '\x7fELF', '#!', 'MZ', '\xca\xfe\xba\xbe');
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 600 }), async (magic, bytes) => {
      const content = Buffer.concat([Buffer.from(magic, 'latin1'), bytes]);
      const outcome = await loadFromStdin(content).catch((cause: unknown) => cause);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(XosError);
    }),
    { numRuns: 200 },
  );
});

test('an archive with flipped bytes is read, has gaps, or is an error that a user can act on', async () => {
  const whole = image().layer({ '/a': 'a' }, 'gzip').layer({ '/b': 'b' }, 'zstd').dockerSaveOci();
  const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), {
    maxLength: 8,
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(flips, async (changes) => {
      const copy = Uint8Array.from(whole);
      for (const [at, mask] of changes) copy[at] = (copy[at] ?? 0) ^ mask;
      for (const loading of [load(fileOf(copy)), loadFromStdin(copy)]) {
        const outcome = await loading.catch((cause: unknown) => cause);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(XosError);
      }
    }),
    { numRuns: 100 },
  );
});
