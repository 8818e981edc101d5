/**
 * Builds image archives byte by byte from the specifications, for tests: POSIX ustar, OCI image-spec, `docker save`.
 *
 *   image().layer({ '/etc/x': 'text' }).config({ Cmd: ['/x'] }).dockerSave()
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export type Content =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly hardlink: string }
  | { readonly device: 'character' | 'block' | 'fifo' }
  | { readonly directory: true }
  | { readonly bytes: string | Uint8Array; readonly mode: number };
export type Files = Readonly<Record<string, Content>>;
/** How a layer's blob is stored. */
export type Packing = 'none' | 'gzip' | 'zstd';
export interface BuiltPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
}
export interface BuiltLayer {
  readonly tar: Uint8Array;
  readonly blob: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
  readonly diffId: string;
}
/** Members of an archive or of a directory, in order. */
export type Members = readonly (readonly [name: string, content: Content])[];

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** POSIX.1-2017 pax, "ustar Interchange Format"; names over 100 bytes get a GNU `L` header. */
export function tar(members: Members, options: { readonly end?: boolean } = {}): Uint8Array {
  const blocks = members.flatMap(([name, content]) => tarMember(name, content));
  if (options.end !== false) blocks.push(new Uint8Array(1024));
  return Buffer.concat(blocks);
}

export function tarOf(files: Files): Uint8Array {
  return tar(Object.entries(files).map(([path, content]) => [path.replace(/^\//, ''), content]));
}

function tarMember(name: string, content: Content): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  if (Buffer.byteLength(name) > 100) {
    const long = Buffer.from(`${name}\0`);
    blocks.push(tarHeader('././@LongLink', 'L', long.length, 0, ''), padded(long));
  }
  const short = name.slice(0, 100);
  if (typeof content === 'string' || content instanceof Uint8Array) {
    const bytes = Buffer.from(content);
    return [...blocks, tarHeader(short, '0', bytes.length, 0o755, ''), padded(bytes)];
  }
  if ('bytes' in content) {
    const bytes = Buffer.from(content.bytes);
    return [...blocks, tarHeader(short, '0', bytes.length, content.mode, ''), padded(bytes)];
  }
  if ('link' in content) return [...blocks, tarHeader(short, '2', 0, 0o777, content.link)];
  if ('hardlink' in content) return [...blocks, tarHeader(short, '1', 0, 0o755, content.hardlink)];
  if ('directory' in content) return [...blocks, tarHeader(`${short}/`, '5', 0, 0o755, '')];
  const flag = { character: '3', block: '4', fifo: '6' }[content.device];
  return [...blocks, tarHeader(short, flag, 0, 0o644, '')];
}

function tarHeader(name: string, flag: string, size: number, mode: number, link: string): Uint8Array {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number): void => {
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  };
  header.write(name, 0, 100, 'utf8');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  header.write('        ', 148, 'latin1');
  header.write(flag, 156, 'latin1');
  header.write(link, 157, 100, 'utf8');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)]);
}

export function gzip(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes);
}

export interface ZstdOptions {
  /** Content of one raw block; at most 128 KiB. */
  readonly blockBytes?: number;
  /** Byte of the window descriptor (RFC 8878, 3.1.1.1.2): exponent << 3 | mantissa. */
  readonly window?: number;
  /** Extra byte repeated by an RLE block of this length at the end. */
  readonly rle?: { readonly byte: number; readonly length: number };
}

/** One zstd frame (RFC 8878, 3.1.1) of raw blocks: window of 256 KiB, no checksum, no content size. */
export function zstdFrame(bytes: Uint8Array, options: ZstdOptions = {}): Uint8Array {
  const blockBytes = options.blockBytes ?? 128 * 1024;
  const parts: Uint8Array[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, options.window ?? 8 << 3])];
  const count = Math.max(1, Math.ceil(bytes.length / blockBytes));
  for (let index = 0; index < count; index++) {
    const block = bytes.subarray(index * blockBytes, (index + 1) * blockBytes);
    parts.push(blockHeader(0, block.length, index === count - 1 && options.rle === undefined), block);
  }
  if (options.rle !== undefined) {
    parts.push(blockHeader(1, options.rle.length, true), Uint8Array.of(options.rle.byte));
  }
  return Buffer.concat(parts);
}

function blockHeader(type: number, size: number, last: boolean): Uint8Array {
  const value = (last ? 1 : 0) | (type << 1) | (size << 3);
  return Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255);
}

/** A skippable frame (RFC 8878, 3.1.2). */
export function zstdSkippable(bytes: Uint8Array): Uint8Array {
  const header = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

export function pack(bytes: Uint8Array, packing: Packing): Uint8Array {
  if (packing === 'gzip') return gzip(bytes);
  return packing === 'zstd' ? zstdFrame(bytes) : bytes;
}

const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';

export class ImageBuilder {
  readonly #layers: BuiltLayer[] = [];
  #config: Readonly<Record<string, unknown>> = {};
  #platform: BuiltPlatform = { os: 'linux', architecture: 'amd64' };
  #name: string | null = null;

  /** Adds a layer on top; its blob is stored as `packing` says. */
  layer(files: Files | Uint8Array, packing: Packing = 'none', mediaType?: string): this {
    const bytes = files instanceof Uint8Array ? files : tarOf(files);
    const blob = pack(bytes, packing);
    const suffix = packing === 'none' ? '' : `+${packing}`;
    this.#layers.push({
      tar: bytes,
      blob,
      mediaType: mediaType ?? `${OCI}.layer.v1.tar${suffix}`,
      digest: `sha256:${sha256(blob)}`,
      diffId: `sha256:${sha256(bytes)}`,
    });
    return this;
  }

  config(config: Readonly<Record<string, unknown>>): this {
    this.#config = config;
    return this;
  }

  platform(platform: BuiltPlatform): this {
    this.#platform = platform;
    return this;
  }

  name(name: string): this {
    this.#name = name;
    return this;
  }

  get layers(): readonly BuiltLayer[] {
    return this.#layers;
  }

  configBytes(): Uint8Array {
    return json({
      ...this.#platform,
      config: this.#config,
      rootfs: { type: 'layers', diff_ids: this.#layers.map((layer) => layer.diffId) },
      history: this.#layers.map((_, index) => ({ created_by: `RUN step ${index}` })),
    });
  }

  manifestBytes(): Uint8Array {
    const config = this.configBytes();
    return json({
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: { mediaType: `${OCI}.config.v1+json`, digest: `sha256:${sha256(config)}`, size: config.length },
      layers: this.#layers.map(({ mediaType, digest, blob }) => ({ mediaType, digest, size: blob.length })),
    });
  }

  /** Entry of an index: `platform` where asked for, the name as ref name. */
  descriptor(withPlatform = true): Readonly<Record<string, unknown>> {
    const manifest = this.manifestBytes();
    return {
      mediaType: `${OCI}.manifest.v1+json`,
      digest: `sha256:${sha256(manifest)}`,
      size: manifest.length,
      ...(withPlatform ? { platform: this.#platform } : {}),
      ...(this.#name === null ? {} : { annotations: { 'org.opencontainers.image.ref.name': this.#name } }),
    };
  }

  /** Manifest, config and layer blobs under `blobs/sha256/`. */
  blobs(): Members {
    const blobs = [this.manifestBytes(), this.configBytes(), ...this.#layers.map((layer) => layer.blob)];
    return blobs.map((bytes) => [`blobs/sha256/${sha256(bytes)}`, bytes] as const);
  }

  /** `docker save` before Docker 25: `<id>/layer.tar`, the manifest at the end. */
  savedMembers(): Members {
    const config = this.configBytes();
    const ids = this.#layers.map((layer, index) => sha256(`${index}${layer.digest}`));
    return [
      ...this.#layers.flatMap((layer, index): Members => {
        const id = ids[index] ?? '';
        return [
          [id, { directory: true }],
          [`${id}/VERSION`, '1.0'],
          [`${id}/json`, JSON.stringify({ id })],
          [`${id}/layer.tar`, layer.blob],
        ];
      }),
      [`${sha256(config)}.json`, config],
      [
        'manifest.json',
        json([
          this.savedEntry(
            ids.map((id) => `${id}/layer.tar`),
            `${sha256(config)}.json`,
          ),
        ]),
      ],
    ];
  }

  /** One entry of `manifest.json`. */
  savedEntry(layers: readonly string[], config: string): Readonly<Record<string, unknown>> {
    return { Config: config, RepoTags: this.#name === null ? null : [this.#name], Layers: layers };
  }

  dockerSave(): Uint8Array {
    return tar(this.savedMembers());
  }

  /** `docker save` since Docker 25: an OCI layout with a `manifest.json` beside. */
  dockerSaveOci(): Uint8Array {
    const entry = this.savedEntry(
      this.#layers.map((layer) => `blobs/${layer.digest.replace(':', '/')}`),
      `blobs/sha256/${sha256(this.configBytes())}`,
    );
    return tar([...layoutMembers([this]), ['manifest.json', json([entry])]]);
  }

  ociTar(): Uint8Array {
    return tar(layoutMembers([this]));
  }

  /** Writes an OCI layout into `directory`. */
  ociDir(directory: string): string {
    return writeMembers(directory, layoutMembers([this]));
  }

  /** skopeo's `dir:` transport, with Docker media types. */
  skopeoDir(directory: string): string {
    const config = this.configBytes();
    const manifest = json({
      schemaVersion: 2,
      mediaType: `${DOCKER}.distribution.manifest.v2+json`,
      config: {
        mediaType: `${DOCKER}.container.image.v1+json`,
        digest: `sha256:${sha256(config)}`,
        size: config.length,
      },
      layers: this.#layers.map(({ digest, blob }) => {
        return { mediaType: `${DOCKER}.image.rootfs.diff.tar.gzip`, digest, size: blob.length };
      }),
    });
    return writeMembers(directory, [
      ['version', 'Directory Transport Version: 1.1\n'],
      ['manifest.json', manifest],
      [sha256(config), config],
      ...this.#layers.map((layer) => [layer.digest.slice('sha256:'.length), layer.blob] as const),
    ]);
  }
}

export function image(): ImageBuilder {
  return new ImageBuilder();
}

const LAYOUT_FILE = '{"imageLayoutVersion":"1.0.0"}';

/** An OCI layout of several images in one index. */
export function layoutMembers(images: readonly ImageBuilder[], withPlatform = true): Members {
  return layoutOf(
    images.map((item) => item.descriptor(withPlatform)),
    images.flatMap((item) => item.blobs()),
  );
}

/** An OCI layout with the given entries of `index.json`. */
export function layoutOf(manifests: readonly unknown[], blobs: Members): Members {
  const seen = new Map(blobs.map(([name, content]) => [name, content]));
  return [
    ['oci-layout', LAYOUT_FILE],
    ['index.json', json({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests })],
    ...seen,
  ];
}

/** An index as a blob, with its descriptor. */
export function nestedIndex(
  manifests: readonly unknown[],
  annotations?: Readonly<Record<string, string>>,
): { readonly descriptor: Readonly<Record<string, unknown>>; readonly blob: readonly [string, Uint8Array] } {
  const bytes = json({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests });
  const digest = sha256(bytes);
  return {
    descriptor: {
      mediaType: `${OCI}.index.v1+json`,
      digest: `sha256:${digest}`,
      size: bytes.length,
      ...(annotations === undefined ? {} : { annotations }),
    },
    blob: [`blobs/sha256/${digest}`, bytes],
  };
}

/** Writes members as files; only files are written. */
export function writeMembers(directory: string, members: Members): string {
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of members) {
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) continue;
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return directory;
}
