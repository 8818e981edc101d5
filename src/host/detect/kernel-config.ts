import type { HostIo } from './io.js';

/** Options that the kernel was built with: `y`, `m`, a value, or `n` for "is not set". */
export type KernelConfig = ReadonlyMap<string, string>;

const MAX_OPTIONS = 50_000;

/** The configuration of the running kernel; null where the machine does not show it. */
export function readKernelConfig(io: HostIo): KernelConfig | null {
  const places = [
    '/proc/config.gz',
    `/boot/config-${io.release}`,
    `/usr/lib/modules/${io.release}/config`,
    `/lib/modules/${io.release}/build/.config`,
  ];
  for (const place of places) {
    const text = io.readFile(place);
    if (text !== null) return parseKernelConfig(text);
  }
  return null;
}

export function parseKernelConfig(text: string): KernelConfig {
  const options = new Map<string, string>();
  for (const [, name, value, unset] of text.matchAll(/^(?:CONFIG_(\w+)=(.*)|# CONFIG_(\w+) is not set)$/gm)) {
    if (options.size >= MAX_OPTIONS) break;
    if (name !== undefined) options.set(name, (value ?? '').replaceAll('"', ''));
    else if (unset !== undefined) options.set(unset, 'n');
  }
  return options;
}

/** Whether an option is built in or a module. One that a configuration does not name is off: Kconfig leaves it out. */
export function isBuilt(config: KernelConfig | null, option: string): boolean | undefined {
  if (config === null) return undefined;
  const value = config.get(option);
  return value !== undefined && value !== 'n' && value !== '';
}
