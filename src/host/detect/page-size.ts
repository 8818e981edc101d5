import { output, type HostIo } from './io.js';

/** Page size in bytes: from the maps of this process, else from getconf(1). */
export async function detectPageSize(io: HostIo): Promise<number | undefined> {
  const kilobytes = /^KernelPageSize:\s+(\d{1,6}) kB$/m.exec(io.readFile('/proc/self/smaps') ?? '')?.[1];
  if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  const printed = await output(io, 'getconf', 'PAGESIZE');
  return printed !== null && /^\d{1,9}$/.test(printed) ? Number(printed) : undefined;
}
