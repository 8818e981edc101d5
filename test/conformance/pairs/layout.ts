import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from '../support/work.js';
import { run } from './command.js';
import { layerTar } from './overlay.js';

/** What an image says of its start; absent members are as a Dockerfile leaves them. */
export interface StartConfig {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDir?: string;
}

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A layer as a tar with its digest. */
export interface LayerArchive {
  readonly path: string;
  readonly sha256: string;
  readonly createdBy: string;
}

/** The tar of a folder that many images have as a layer; made once. Whiteouts of OverlayFS become those of OCI. */
export function sharedLayer(folder: string, name: string, createdBy: string): LayerArchive {
  const path = join(workFolder('layers'), `${name}.tar`);
  if (!existsSync(path)) {
    layerTar(folder, `${path}.partial`);
    run('mv', [`${path}.partial`, path]);
  }
  const noted = `${path}.sha256`;
  if (!existsSync(noted)) writeFileSync(noted, sha256(path));
  return { path, sha256: readFileSync(noted, 'utf8'), createdBy };
}

export function ownLayer(path: string, createdBy: string): LayerArchive {
  return { path, sha256: sha256(path), createdBy };
}

function sha256(path: string): string {
  return run('sha256sum', [path]).slice(0, 64);
}

/** Writes an image as an OCI layout (image-spec, image-layout.md); layers are hard links. */
export function writeLayout(
  folder: string,
  layers: readonly LayerArchive[],
  config: StartConfig,
  architecture: string,
): void {
  rmSync(folder, { recursive: true, force: true });
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const descriptors = layers.map(({ path, sha256: digest }) => {
    if (!existsSync(join(blobs, digest))) linkSync(path, join(blobs, digest));
    return { mediaType: `${OCI}.layer.v1.tar`, digest: `sha256:${digest}`, size: statSync(path).size };
  });
  const configuration = blob(blobs, imageConfig(layers, config, architecture), `${OCI}.config.v1+json`);
  const manifestType = `${OCI}.manifest.v1+json`;
  const manifest = { schemaVersion: 2, mediaType: manifestType, config: configuration, layers: descriptors };
  const descriptor = blob(blobs, manifest, manifestType);
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
}

const OCI = 'application/vnd.oci.image';

function imageConfig(layers: readonly LayerArchive[], config: StartConfig, architecture: string): object {
  const env = Object.entries({ PATH: DEFAULT_PATH, ...config.env }).map(([name, value]) => `${name}=${value}`);
  return {
    os: 'linux',
    architecture,
    config: {
      Env: env,
      Entrypoint: config.entrypoint,
      Cmd: config.cmd,
      User: config.user,
      WorkingDir: config.workingDir,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ sha256: digest }) => `sha256:${digest}`) },
    history: layers.map(({ createdBy }) => ({ created_by: createdBy })),
  };
}

function blob(folder: string, content: object, mediaType: string): object {
  const text = JSON.stringify(content);
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(folder, digest), text);
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
}
