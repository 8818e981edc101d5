/** Images of Debian packages: `docker save`, OCI with gzip, OCI with zstd; in one layer and in one for each package. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the order in which they fill an image up: small tools, then large programs of several languages. */
const PACKAGES = [
  ...['busybox-static', 'tini', 'dash', 'libc6', 'bash', 'coreutils'],
  ...['perl-base', 'libssl3', 'python3.11-minimal', 'libpython3.11-stdlib', 'git', 'libicu72'],
  ...['libllvm14', 'openjdk-17-jre-headless', 'postgresql-15', 'gcc-12', 'chromium', 'golang-1.19-go'],
  ...['libreoffice-core', 'firefox-esr', 'thunderbird', 'llvm-14', 'clang-14', 'libclang-cpp14', 'rustc'],
  ...['libllvm15', 'mariadb-server-core', 'qemu-system-x86', 'libwebkit2gtk-4.0-37', 'libstd-rust-dev', 'llvm-15'],
  ...['libqt5webengine5', 'nodejs', 'ghc', 'blender', 'monodoc-http', 'linux-image-amd64', 'openjdk-17-jdk-headless'],
] as const;

export type Form = 'docker-save' | 'oci-gzip' | 'oci-zstd';

export interface BenchImage {
  readonly form: Form;
  readonly megabytes: number;
  readonly layers: number;
  /** Reference for the program. */
  readonly reference: string;
  /** Files of the layers as stored. */
  readonly blobs: readonly string[];
  /** The archive, or the directory. */
  readonly path: string;
}

/** Makes what is not there yet; returns the images of one size. */
export function imagesOf(megabytes: number, work: string): readonly BenchImage[] {
  const parts = partsOf(megabytes, work);
  const tars = parts.map((part) => tarOf([part], part, work));
  const one = tarOf(parts, join(work, `all-${megabytes}`), work);
  return (['docker-save', 'oci-gzip', 'oci-zstd'] as const).flatMap((form) => [
    build(form, megabytes, [one], work),
    build(form, megabytes, tars, work),
  ]);
}

/** Folders with unpacked packages that have about so many bytes together. */
function partsOf(megabytes: number, work: string): readonly string[] {
  const parts: string[] = [];
  let bytes = 0;
  for (const name of PACKAGES) {
    if (bytes >= megabytes * 0.9e6) break;
    const part = unpack(name, work);
    if (part === null) continue;
    const size = Number(execFileSync('du', ['-sb', part], { encoding: 'utf8' }).split('\t')[0]);
    if (bytes + size > megabytes * 1.3e6) continue;
    parts.push(part);
    bytes += size;
  }
  return parts;
}

/** null: this release has no such package. */
function unpack(name: string, work: string): string | null {
  const folder = join(work, 'packages', name);
  if (existsSync(folder)) return folder;
  const download = join(work, 'download');
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  if (spawnSync('apt-get', ['download', name], { cwd: download, stdio: 'ignore' }).status !== 0) return null;
  execFileSync(
    'sh',
    ['-c', `mkdir -p '${folder}.part' && dpkg-deb -x *.deb '${folder}.part' && mv '${folder}.part' '${folder}'`],
    {
      cwd: download,
    },
  );
  return folder;
}

function tarOf(folders: readonly string[], name: string, work: string): string {
  const path = `${name.replace(join(work, 'packages'), work)}.tar`;
  if (!existsSync(path)) {
    const from = folders.flatMap((folder) => ['-C', folder, '.']);
    execFileSync('tar', ['--sort=name', '--numeric-owner', '--format=gnu', '-cf', `${path}.part`, ...from]);
    execFileSync('mv', [`${path}.part`, path]);
  }
  return path;
}

const PACK: Readonly<Record<Form, string | null>> = {
  'docker-save': null,
  'oci-gzip': 'gzip -6',
  'oci-zstd': 'zstd -3 -q',
};
const SUFFIX: Readonly<Record<Form, string>> = { 'docker-save': '', 'oci-gzip': '.gz', 'oci-zstd': '.zst' };

function packed(form: Form, tar: string): string {
  const pack = PACK[form];
  const path = `${tar}${SUFFIX[form]}`;
  if (pack !== null && !existsSync(path)) {
    execFileSync('sh', ['-c', `${pack} -c '${tar}' > '${path}.part' && mv '${path}.part' '${path}'`]);
  }
  return path;
}

function build(form: Form, megabytes: number, tars: readonly string[], work: string): BenchImage {
  const blobs = tars.map((tar) => packed(form, tar));
  const name = join(work, `${form}-${megabytes}-${tars.length}`);
  const made = { form, megabytes, layers: tars.length };
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/bin/busybox', 'sh'] },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => `sha256:${sha256(tar)}`) },
  });
  if (form !== 'docker-save') return { ...made, ...layout(form, name, config, blobs) };
  const path = `${name}.image.tar`;
  if (!existsSync(path)) dockerSave(path, config, tars);
  return { ...made, reference: path, path, blobs };
}

/** Members are links to the tars, which GNU tar follows: nothing is copied twice. */
function dockerSave(path: string, config: string, tars: readonly string[]): void {
  const folder = `${path}.members`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const layers = tars.map((tar, index) => {
    execFileSync('ln', ['-s', tar, join(folder, `layer-${index}.tar`)]);
    return `layer-${index}.tar`;
  });
  writeFileSync(join(folder, 'config.json'), config);
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify([{ Config: 'config.json', RepoTags: ['bench:latest'], Layers: layers }]),
  );
  execFileSync('tar', ['-h', '--format=ustar', '-cf', path, '-C', folder, ...layers, 'config.json', 'manifest.json']);
  rmSync(folder, { recursive: true });
}

const MEDIA = 'application/vnd.oci.image';

function layout(
  form: Form,
  path: string,
  config: string,
  blobs: readonly string[],
): Pick<BenchImage, 'reference' | 'path' | 'blobs'> {
  const folder = join(path, 'blobs', 'sha256');
  mkdirSync(folder, { recursive: true });
  const layers = blobs.map((blob) => {
    const hex = sha256(blob);
    if (!existsSync(join(folder, hex))) execFileSync('ln', [blob, join(folder, hex)]);
    const mediaType = `${MEDIA}.layer.v1.tar+${form === 'oci-gzip' ? 'gzip' : 'zstd'}`;
    return { mediaType, digest: `sha256:${hex}`, size: statSync(blob).size };
  });
  const put = (mediaType: string, text: string): object => {
    const hex = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(folder, hex), text);
    return { mediaType, digest: `sha256:${hex}`, size: text.length };
  };
  const manifest = { schemaVersion: 2, config: put(`${MEDIA}.config.v1+json`, config), layers };
  const entry = put(`${MEDIA}.manifest.v1+json`, JSON.stringify(manifest));
  const annotations = { 'org.opencontainers.image.ref.name': 'bench' };
  writeFileSync(join(path, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, annotations }] }));
  return { reference: `oci:${path}`, path, blobs };
}

const HASH_BYTES = 1024 * 1024;

function sha256(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(HASH_BYTES);
  const fd = openSync(path, 'r');
  for (let got = readSync(fd, buffer); got > 0; got = readSync(fd, buffer)) hash.update(buffer.subarray(0, got));
  closeSync(fd);
  return hash.digest('hex');
}

/** A `docker save` image of empty files: so many entries in each of so many layers. */
export function emptyFiles(layers: number, entries: number, work: string): string {
  const path = join(work, `empty-${layers}-${entries}.image.tar`);
  if (existsSync(path)) return path;
  const tars = Array.from({ length: layers }, (_, layer) => {
    const tar = join(work, `empty-${layers}-${entries}-${layer}.tar`);
    writeFileSync(tar, Buffer.concat([...headers(layer, entries), Buffer.alloc(1024)]));
    return tar;
  });
  const diffIds = tars.map((tar) => `sha256:${sha256(tar)}`);
  const rootfs = { type: 'layers', diff_ids: diffIds };
  dockerSave(
    path,
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Entrypoint: ['/x'] }, rootfs }),
    tars,
  );
  for (const tar of tars) rmSync(tar);
  return path;
}

/** POSIX.1-2017 pax, "ustar Interchange Format". */
function headers(layer: number, entries: number): readonly Buffer[] {
  return Array.from({ length: entries }, (_, index) => {
    const block = Buffer.alloc(512);
    block.write(`usr/share/l${layer}/d${Math.floor(index / 1000)}/f${index}`, 0, 'latin1');
    block.write('0000644\x000000000\x000000000\x0000000000000\x0000000000000\x00        0', 100, 'latin1');
    block.write('ustar\x0000', 257, 'latin1');
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148, 'latin1');
    return block;
  });
}
