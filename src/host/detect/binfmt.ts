import type { Machine } from '../../model/binary.js';
import type { Emulator } from '../../model/host.js';
import { readLine, type HostIo } from './io.js';

const FOLDER = '/proc/sys/fs/binfmt_misc';
/** Far more than any distribution registers; QEMU brings about 35. */
const MAX_HANDLERS = 256;

/**
 * Handlers of binfmt_misc (Linux Documentation/admin-guide/binfmt-misc.rst). A handler is recognised by the bytes that it
 * matches, never by its name: everyone may call one `qemu-aarch64`.
 */
export function detectEmulators(io: HostIo): readonly Emulator[] | undefined {
  const names = io.list(FOLDER);
  if (names === null) return undefined;
  const enabled = readLine(io, `${FOLDER}/status`) !== 'disabled';
  return names
    .filter((name) => name !== 'register' && name !== 'status')
    .sort()
    .slice(0, MAX_HANDLERS)
    .flatMap((name) => parseHandler(io.readFile(`${FOLDER}/${name}`) ?? '', enabled) ?? []);
}

/** One handler as the kernel prints it; null where it matches no machine code. */
export function parseHandler(text: string, enabled = true): Emulator | null {
  const field = (name: string): string | undefined => new RegExp(`^${name}:? ?(.*)$`, 'm').exec(text)?.[1];
  const machine = machineOfMagic(field('magic') ?? '', field('mask') ?? '', Number(field('offset') ?? '0'));
  if (machine === null) return null;
  const interpreter = field('interpreter') ?? '';
  return {
    machine,
    kind: kindOf(interpreter),
    interpreter,
    flags: field('flags') ?? '',
    enabled: enabled && text.startsWith('enabled'),
  };
}

function kindOf(interpreter: string): string {
  if (/qemu/i.test(interpreter)) return 'qemu-user';
  if (/rosetta/i.test(interpreter)) return 'rosetta';
  return /wine/i.test(interpreter) ? 'wine' : 'other';
}

/** e_machine (gABI 4.1, Figure 4-3, and its later registry) for class and byte order. */
const E_MACHINE: Readonly<Record<number, (is64: boolean, isLittle: boolean) => Machine>> = {
  2: () => 'sparc',
  3: () => 'i386',
  4: () => 'm68k',
  6: () => 'i386',
  8: (is64) => (is64 ? 'mips64' : 'mips'),
  15: () => 'hppa',
  20: () => 'ppc',
  21: (_, isLittle) => (isLittle ? 'ppc64le' : 'ppc64'),
  22: (is64) => (is64 ? 's390x' : 's390'),
  40: () => 'arm',
  42: () => 'sh4',
  43: () => 'sparc64',
  62: () => 'x86_64',
  183: () => 'aarch64',
  243: (is64) => (is64 ? 'riscv64' : 'riscv32'),
  258: () => 'loongarch64',
  0x9026: () => 'alpha',
};

const MZ = '4d5a';
const ELF_MAGIC = '7f454c46';
/** e_machine ends at byte 20; fewer bytes name no machine. */
const ELF_MAGIC_DIGITS = 40;

/** Machine of the files that a handler matches; `pe` for those that start with MZ; null for anything else. */
function machineOfMagic(magic: string, mask: string, offset: number): string | null {
  if (offset !== 0) return null;
  if (magic.startsWith(MZ)) return 'pe';
  if (!magic.startsWith(ELF_MAGIC) || magic.length < ELF_MAGIC_DIGITS) return null;
  const byte = (at: number): number => parseInt(magic.slice(at * 2, at * 2 + 2), 16);
  const isExact = (at: number): boolean => mask === '' || mask.slice(at * 2, at * 2 + 2) === 'ff';
  if (![4, 5, 18, 19].every(isExact)) return null;
  const isLittle = byte(5) === 1;
  const [low, high] = isLittle ? [byte(18), byte(19)] : [byte(19), byte(18)];
  return E_MACHINE[low + high * 256]?.(byte(4) === 2, isLittle) ?? `other-${low + high * 256}`;
}
