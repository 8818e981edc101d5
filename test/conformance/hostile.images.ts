/** Hostile images that are too large for the repository, each written to a file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { APP, configText, layerWith, saved } from '../../fixtures/hostile/build.js';
import { elf } from '../support/elf-builder.js';
import { json, sha256, tar as archive, type Members } from '../support/image-builder.js';
import { pe } from '../support/pe-builder.js';
import { header, tar, type TarSpec } from '../support/tar-builder.js';

/** One image, how its content comes about, and the exit codes that are right. */
export interface LargeCase {
  readonly name: string;
  readonly exits: readonly number[];
  readonly make: () => Uint8Array | readonly Uint8Array[];
}

const MIB = 1024 * 1024;

function blobImage(blob: Uint8Array, copies = 1, config = configText([])): Uint8Array {
  const names = Array.from({ length: copies }, () => 'l/layer.tar');
  const members: Members = [
    ['manifest.json', json([{ Config: 'c.json', RepoTags: null, Layers: names }])],
    ['c.json', config],
    ['l/layer.tar', blob],
  ];
  return archive(members);
}

/** A layer whose only file is `bytes` of zeros: members of 64 MiB one behind the other. */
function gzipZeros(gib: number): Uint8Array {
  const member = gzipSync(new Uint8Array(64 * MIB));
  const fields = {
    name: 'zeros',
    prefix: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: gib * 1024 * MIB,
    mtime: 0,
    flag: '0',
    link: '',
    major: 0,
    minor: 0,
  };
  return Buffer.concat([
    gzipSync(Buffer.concat([tar([APP], { end: false }), header(fields, 'gnu')])),
    ...Array.from({ length: gib * 16 }, () => member),
  ]);
}

function zstdZeros(gib: number): Uint8Array {
  const block = Buffer.from([0x02, 0x00, 0x10, 0x00]); // RLE, 128 KiB
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]),
    ...Array.from({ length: gib * 8192 }, () => block),
    Buffer.from([0x01, 0x00, 0x00]),
  ]);
}

function many(count: number, entry: (index: number) => TarSpec): readonly TarSpec[] {
  return Array.from({ length: count }, (_, index) => entry(index));
}

function script(body: string): Uint8Array {
  return saved(
    tar([
      { path: 'app', data: `#!/bin/sh\n${body}`, mode: 0o755 },
      { path: 'bin/sh', data: APP.data ?? '', mode: 0o755 },
    ]),
  );
}

/** ELF files whose dynamic table asks for what lies all over a file of 64 MiB. */
function largeElf(): Uint8Array {
  return Buffer.concat([elf({ soname: 'big.so', rodata: '/dev/kvm\0'.repeat((7 * MIB) / 10), textBytes: 32 * MIB })]);
}

export const largeCases: readonly LargeCase[] = [
  { name: 'gzip-bomb-10-gib', exits: [1, 3], make: () => blobImage(gzipZeros(10)) },
  { name: 'gzip-bomb-in-gzip', exits: [1, 3, 4], make: () => gzipSync(blobImage(gzipZeros(10))) },
  { name: 'zstd-bomb-100-gib', exits: [1, 3], make: () => blobImage(zstdZeros(100)) },
  { name: 'archive-that-is-a-bomb', exits: [0, 3, 4], make: () => gzipZeros(10) },
  {
    name: 'same-name-100000',
    exits: [0],
    make: () => saved(tar([...many(100_000, () => ({ path: 'app', data: '' })), APP])),
  },
  {
    name: 'entries-1000000',
    exits: [0, 1],
    make: () =>
      blobImage(
        gzipSync(tar([...many(1_000_000, (index) => ({ path: `d${index % 1000}/f${index}` })), APP]), { level: 1 }),
      ),
  },
  {
    name: 'depth-2000',
    exits: [0],
    make: () => saved(layerWith(...many(2000, (index) => ({ path: `${'a/'.repeat(2000)}${index}` })))),
  },
  {
    name: 'depth-10000',
    exits: [0],
    make: () => saved(layerWith(...many(200, (index) => ({ path: `${'a/'.repeat(10_000)}${index}` })))),
  },
  {
    name: 'layers-500-of-10000',
    exits: [0, 1],
    make: () =>
      blobImage(gzipSync(layerWith(...many(10_000, (index) => ({ path: `d${index % 100}/f${index}` })))), 500),
  },
  { name: 'manifest-100000-layers', exits: [0, 1, 4], make: () => blobImage(layerWith(), 100_000) },
  {
    name: 'config-100-mb',
    exits: [4],
    make: () => blobImage(layerWith(), 1, `{"os":"linux","x":"${'x'.repeat(100 * MIB)}"}`),
  },
  {
    name: 'env-10-mb',
    exits: [4],
    make: () => blobImage(layerWith(), 1, configText([], { Env: [`A=${'x'.repeat(10 * MIB)}`] })),
  },
  {
    name: 'env-100000-names',
    exits: [0, 1],
    make: () =>
      blobImage(
        layerWith(),
        1,
        configText([], {
          Env: many(90_000, (index) => ({ path: `E${index}=$E${index - 1}` })).map(({ path }) => path),
        }),
      ),
  },
  {
    name: 'symlinks-100000',
    exits: [1],
    make: () =>
      saved(layerWith(...many(100_000, (index) => ({ path: `l${index}`, type: 'symlink', link: `l${index + 1}` }))), {
        Entrypoint: ['/l0'],
      }),
  },
  {
    name: 'hard-links-100000',
    exits: [0, 1],
    make: () =>
      saved(
        layerWith(...many(100_000, (index) => ({ path: `h${index}`, type: 'hardlink', link: `h${index + 1}` })), {
          path: 'h100000',
          type: 'hardlink',
          link: 'app',
        }),
      ),
  },
  {
    name: 'whiteouts-100000',
    exits: [0],
    make: () => blobImage(layerWith(...many(100_000, (index) => ({ path: `d/.wh.f${index}` }))), 3),
  },
  {
    name: 'pax-records-1-mb',
    exits: [0, 3],
    make: () =>
      blobImage(
        gzipSync(layerWith(...many(300, (index) => ({ path: `x${index}`, pax: { comment: 'c'.repeat(MIB - 100) } })))),
      ),
  },
  {
    name: 'xattrs',
    exits: [0, 3],
    make: () =>
      blobImage(
        gzipSync(
          layerWith(...many(2000, (index) => ({ path: `x${index}`, xattrs: { 'user.a': 'v'.repeat(60_000) } }))),
        ),
      ),
  },
  {
    name: 'elf-64-mb-times-6',
    exits: [0],
    make: () =>
      blobImage(
        gzipSync(layerWith(...many(6, (index) => ({ path: `lib/big${index}.so`, data: largeElf(), mode: 0o755 }))), {
          level: 1,
        }),
      ),
  },
  {
    name: 'elf-symbols-1000000',
    exits: [0],
    make: () =>
      saved(
        layerWith({
          path: 'lib/many.so',
          mode: 0o755,
          data: elf({
            soname: 'many.so',
            symbols: Array.from({ length: 1_000_000 }, (_, index) => ({ name: `s${index}` })),
          }),
        }),
      ),
  },
  {
    name: 'elf-needed-20000',
    exits: [0, 1, 3],
    make: () =>
      saved(
        tar([
          {
            path: 'app',
            mode: 0o755,
            data: elf({
              interpreter: '/lib/ld-musl-x86_64.so.1',
              needed: Array.from({ length: 20_000 }, (_, index) => `lib${index}.so`),
            }),
          },
          { path: 'lib/ld-musl-x86_64.so.1', mode: 0o755, data: elf({ soname: 'libc.musl-x86_64.so.1' }) },
        ]),
      ),
  },
  {
    name: 'libraries-3000-in-a-mesh',
    exits: [0, 1, 3],
    make: () =>
      blobImage(
        gzipSync(
          layerWith(
            ...many(3000, (index) => ({
              path: `usr/lib/lib${index}.so`,
              mode: 0o755,
              data: elf({
                soname: `lib${index}.so`,
                needed: Array.from({ length: 60 }, (_, other) => `lib${(index * 7 + other * 13) % 3000}.so`),
              }),
            })),
            { path: 'lib/ld-musl-x86_64.so.1', mode: 0o755, data: elf({ soname: 'libc.musl-x86_64.so.1' }) },
            { path: 'start', mode: 0o755, data: elf({ interpreter: '/lib/ld-musl-x86_64.so.1', needed: ['lib0.so'] }) },
          ),
        ),
        1,
        configText([], { Entrypoint: ['/start'] }),
      ),
  },
  {
    name: 'pe-imports-100000',
    exits: [1],
    make: () =>
      saved(
        tar([
          {
            path: 'app',
            mode: 0o755,
            data: pe({
              imports: Object.fromEntries(
                Array.from({ length: 2000 }, (_, dll) => [
                  `d${dll}.dll`,
                  Array.from({ length: 50 }, (_, name) => `n${name}`),
                ]),
              ),
            }),
          },
        ]),
      ),
  },
  { name: 'script-nested-256-kib', exits: [0, 1], make: () => script('"$('.repeat(85_000)) },
  {
    name: 'script-patterns',
    exits: [0, 1],
    make: () =>
      script(
        `x=${'a'.repeat(4000)}\n${'y=${x%%*a*a*a*a*b}\ncase $x in *a*a*a*a*b) ;; esac\n'.repeat(5000)}exec /bin/sh\n`,
      ),
  },
  {
    name: 'script-branches',
    exits: [0, 1],
    make: () =>
      script(
        `${'if x; then a=$a$a; else a=$a${a}b; fi\nfor i in $a $a $a; do b=$b$i; done\n'.repeat(3000)}exec /bin/sh\n`,
      ),
  },
  {
    name: 'script-functions',
    exits: [0, 1],
    make: () =>
      script(
        `${Array.from({ length: 200 }, (_, index) => `f${index}() { f${index + 1}; f${index + 1}; f${index + 1}; }\n`).join('')}f0\nexec /bin/sh\n`,
      ),
  },
  {
    name: 'script-loops',
    exits: [0, 1],
    make: () => script(`${'for a in 1 2 3 4 5 6 7 8 9; do '.repeat(40)}x ${'; done'.repeat(40)}\nexec /bin/sh\n`),
  },
  {
    name: 'script-here-documents',
    exits: [0, 1],
    make: () =>
      script(`cat ${Array.from({ length: 8000 }, (_, index) => `<<E${index} `).join('')}\n${'x\n'.repeat(60_000)}`),
  },
  {
    name: 'scripts-256-that-read-one-another',
    exits: [0, 1],
    make: () =>
      saved(
        tar([
          { path: 'bin/sh', data: APP.data ?? '', mode: 0o755 },
          ...many(256, (index) => ({
            path: `s${index}`,
            mode: 0o755,
            data: `#!/bin/sh\n${Array.from({ length: 64 }, (_, other) => `. /s${(index + other) % 256}; /s${(index * other) % 256}`).join('\n')}\n`,
          })),
        ]),
        { Entrypoint: ['/s0'] },
      ),
  },
  {
    name: 'ld-so-conf-2000-includes',
    exits: [0, 1, 3],
    make: () =>
      saved(
        layerWith(...many(2000, (index) => ({ path: `etc/c/${index}.conf`, data: 'include /etc/c/*.conf\n' })), {
          path: 'etc/ld.so.conf',
          data: 'include /etc/c/*.conf\n',
        }),
      ),
  },
  {
    name: 'index-wide',
    exits: [0, 1, 3, 4],
    make: () => {
      const config = Buffer.from(configText([]));
      const manifests = Array.from({ length: 4000 }, (_, index) => {
        const manifest = json({
          schemaVersion: 2,
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          config: {
            mediaType: 'application/vnd.oci.image.config.v1+json',
            digest: `sha256:${sha256(config)}`,
            size: config.length,
          },
          layers: [],
          annotations: { n: String(index) },
        });
        return { manifest, digest: `sha256:${sha256(manifest)}` };
      });
      const list = manifests.map(({ manifest, digest }) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest,
        size: manifest.length,
      }));
      return archive([
        ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
        ['index.json', json({ schemaVersion: 2, manifests: list })],
        [`blobs/sha256/${sha256(config)}`, config],
        ...manifests.map(({ manifest }) => [`blobs/sha256/${sha256(manifest)}`, manifest] as const),
      ]);
    },
  },
];

export function writeCase(item: LargeCase, folder: string): string {
  const path = join(folder, `${item.name}.img`);
  const content = item.make();
  writeFileSync(path, content instanceof Uint8Array ? content : Buffer.concat(content));
  return path;
}
