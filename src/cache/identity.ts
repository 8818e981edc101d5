import { fstatSync } from 'node:fs';
import type { Extent } from '../model/load.js';

/**
 * What tells a file from what it was before: device, inode, size and the times of its last change. The time of the last
 * change of the inode (ctime) cannot be set back by a program, so equal identities mean equal bytes, as for make and
 * git; a file that changed just before it was read is `settled: false`, because a second change could bear the same time.
 */
export interface Identity {
  readonly parts: readonly (string | number | bigint)[];
  readonly settled: boolean;
}

/** Steps in which file systems count time: a tick of the kernel; two seconds on FAT and some network file systems. */
const TICK_NS = 50_000_000n;
const COARSE_NS = 2_500_000_000n;

export function identityOf({ fd, from, size }: Extent, nowMs: number): Identity {
  const stats = fstatSync(fd, { bigint: true });
  const changed = stats.ctimeNs > stats.mtimeNs ? stats.ctimeNs : stats.mtimeNs;
  const step = changed % 1_000_000_000n === 0n ? COARSE_NS : TICK_NS;
  return {
    parts: [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs, from, size],
    settled: BigInt(Math.floor(nowMs)) * 1_000_000n - changed > step,
  };
}

export function sameIdentity(one: Identity, other: Identity): boolean {
  return one.parts.length === other.parts.length && one.parts.every((part, index) => part === other.parts[index]);
}
