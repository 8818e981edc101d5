import type { HostProfile } from '../../model/host.js';
import { goarchOfUname } from '../machines.js';
import type { HostIo } from './io.js';
import { detectLinux, type Detected } from './linux.js';
import { detectMacos } from './macos.js';
import { detectWindows } from './windows.js';

export type { HostIo, RunResult } from './io.js';

/** This machine as a profile. What could not be seen is left out, so that it counts as unknown. */
export async function detectHost(io: HostIo): Promise<HostProfile> {
  const { title, ...detected } = await detect(io);
  return {
    id: 'this-machine',
    title,
    os: io.platform,
    architecture: goarchOfUname(io.machine).architecture,
    ...detected,
    stated: { by: 'xoscheck host', date: io.date },
    sources: [{ title: 'read from the machine itself' }],
  };
}

function detect(io: HostIo): Promise<Detected> {
  switch (io.platform) {
    case 'linux':
      return detectLinux(io);
    case 'darwin':
      return detectMacos(io);
    case 'win32':
      return detectWindows(io);
    default:
      return Promise.resolve({
        title: `${io.platform} ${io.release}`,
        kernel: { name: io.platform, release: io.release },
      });
  }
}
