import { output, type HostIo } from './io.js';

/** Page size in bytes: from the maps of this process, else from getconf(1). */
export async function detectPageSize(io: HostIo): Promise<number | undefined> {
  const kilobytes = /^KernelPageSize:\s+(\d{1,6}) kB$/m.exec(io.readFile('/proc/self/smaps') ?? '')?.[1];
  if (kilobytes !== undefined) return parsePageSize(String(Number(kilobytes) * 1024));
  return parsePageSize(await output(io, 'getconf', 'PAGESIZE'));
}

/** A number of bytes that can be a page size; undefined for anything else. */
export function parsePageSize(printed: string | null): number | undefined {
  const size = /^\d{4,9}$/.test(printed ?? '') ? Number(printed) : 0;
  return size >= 4096 && Number.isInteger(Math.log2(size)) ? size : undefined;
}
