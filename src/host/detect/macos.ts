import type { HostCpu } from '../../model/host.js';
import { x86Level } from './cpu-level.js';
import { detectEngine } from './engine.js';
import { isThere, output, type HostIo } from './io.js';
import type { Detected } from './linux.js';
import { parsePageSize } from './page-size.js';
import { present } from './present.js';

export async function detectMacos(io: HostIo): Promise<Detected> {
  const sysctl = (name: string): Promise<string | null> => output(io, 'sysctl', '-n', name);
  const [version, isArm, pageSize, hypervisor, brand, engine] = await Promise.all([
    output(io, 'sw_vers', '-productVersion'),
    // A Node for Intel Macs under Rosetta sees x86_64; this says what the machine is.
    sysctl('hw.optional.arm64'),
    sysctl('hw.pagesize'),
    sysctl('kern.hv_support'),
    sysctl('machdep.cpu.brand_string'),
    detectEngine(io),
  ]);
  const arm = isArm === '1' || io.machine === 'arm64';
  const cpu = arm ? { vendor: 'Apple', armVersion: 8 } : await intelCpu(io);
  const found = present({
    os: 'darwin',
    architecture: arm ? 'arm64' : 'amd64',
    kernel: { name: 'darwin', release: io.release },
    machines: [arm ? 'aarch64' : 'x86_64'],
    cpu: present({ ...cpu, model: brand ?? undefined }),
    pageSizeBytes: parsePageSize(pageSize),
    engine,
    virtualization: present({ hardware: hypervisor === null ? undefined : hypervisor === '1', kvm: false }),
    macos: present({ version: version ?? undefined, rosetta: arm ? hasRosetta(io) : false }),
  });
  return { ...found, title: titleOf(version, brand ?? cpu.vendor ?? 'Mac') };
}

const titleOf = (version: string | null, processor: string): string =>
  `macOS${version === null ? '' : ` ${version}`} on ${processor}`;

/** Rosetta's folder holds its translator once it was installed (`softwareupdate --install-rosetta`). */
function hasRosetta(io: HostIo): boolean | undefined {
  const names = io.list('/Library/Apple/usr/libexec/oah');
  if (names !== null) return names.length > 0;
  return isThere(io, '/Library/Apple') === undefined ? undefined : false;
}

/** Words of sysctl machdep.cpu.* as /proc/cpuinfo spells the same features. */
const LINUX_WORDS: Readonly<Record<string, string>> = {
  sse3: 'pni',
  'sse4.1': 'sse4_1',
  'sse4.2': 'sse4_2',
  'avx1.0': 'avx',
  lzcnt: 'abm',
  lahf: 'lahf_lm',
  em64t: 'lm',
};

async function intelCpu(io: HostIo): Promise<HostCpu> {
  const lists = await Promise.all(
    ['features', 'leaf7_features', 'extfeatures'].map((name) => output(io, 'sysctl', '-n', `machdep.cpu.${name}`)),
  );
  const written = lists.flatMap((list) => (list ?? '').toLowerCase().split(/\s+/)).filter((word) => word !== '');
  if (written.length === 0) return { vendor: 'GenuineIntel' };
  // Every Intel Mac that macOS still runs on has these; sysctl does not list them.
  const features = [...new Set([...written.map((word) => LINUX_WORDS[word] ?? word), 'lm', 'cmov', 'syscall'])].sort();
  return present({ vendor: 'GenuineIntel', features, x86Level: x86Level(features) });
}
