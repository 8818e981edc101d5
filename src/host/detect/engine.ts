import type { HostEngine } from '../../model/host.js';
import { isTree } from '../shape.js';
import { detectDocker } from './docker.js';
import { output, parseJson, type HostIo } from './io.js';
import { present } from './present.js';

/**
 * The container engine: Docker where a daemon answers, else Podman, else containerd. null where none of them is
 * installed; undefined where there is one that does not answer.
 */
export async function detectEngine(io: HostIo): Promise<HostEngine | null | undefined> {
  const [docker, podman, containerd] = await Promise.all([detectDocker(io), detectPodman(io), detectContainerd(io)]);
  const found = docker ?? podman ?? containerd;
  if (found === null) return docker === undefined ? undefined : null;
  const libseccomp = detectLibseccomp(io);
  return libseccomp === null ? found : { ...found, libseccomp };
}

/** `podman info`: host.ociRuntime.name, host.security.seccompEnabled, version.Version. */
async function detectPodman(io: HostIo): Promise<HostEngine | null> {
  const info = parseJson(await output(io, 'podman', 'info', '--format', 'json'));
  if (!isTree(info)) return null;
  return {
    name: 'podman',
    containers: 'linux',
    ...present({
      version: memberText(info, 'version', 'Version'),
      runtime: memberText(info, 'host', 'ociRuntime', 'name'),
      vm: io.platform === 'linux' ? null : undefined,
    }),
  };
}

function memberText(value: unknown, ...path: readonly string[]): string | undefined {
  let at: unknown = value;
  for (const key of path) at = isTree(at) ? at[key] : undefined;
  return typeof at === 'string' ? at : undefined;
}

/** `containerd github.com/containerd/containerd/v2 v2.0.4 1a43cb6a…` */
async function detectContainerd(io: HostIo): Promise<HostEngine | null> {
  const printed = await output(io, 'containerd', '--version');
  const version = /^containerd \S+ v?(\d[\w.+~-]*)/.exec(printed ?? '')?.[1];
  return version === undefined ? null : { name: 'containerd', version, containers: 'linux', vm: null };
}

const LIBRARY_FOLDERS: readonly string[] = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib/arm-linux-gnueabihf',
  '/lib/x86_64-linux-gnu',
  '/usr/lib64',
  '/lib64',
  '/usr/lib',
];

/** Release of libseccomp, which decides for which system calls a profile can speak: `libseccomp.so.2.5.4`. */
function detectLibseccomp(io: HostIo): string | null {
  for (const folder of LIBRARY_FOLDERS) {
    const names = io.list(folder) ?? [];
    const version = names
      .map((name) => /^libseccomp\.so\.(\d+\.\d+\.\d+)$/.exec(name)?.[1])
      .find((found) => found !== undefined);
    if (version !== undefined) return version;
  }
  return null;
}
