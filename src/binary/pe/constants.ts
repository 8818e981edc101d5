import type { Machine } from '../../model/binary.js';

/** Machine types of the COFF header (PE Format, "Machine Types"). */
export const IMAGE_FILE_MACHINE = {
  I386: 0x14c,
  ARM64: 0xaa64,
  AMD64: 0x8664,
  ARM64EC: 0xa641,
  ARM64X: 0xa64e,
} as const;

/** ARM64EC and ARM64X hold code of the ARM64 instruction set; Thumb-2 (ARMNT) is what 32-bit Windows on Arm runs. */
export const MACHINES: ReadonlyMap<number, Machine> = new Map<number, Machine>([
  [IMAGE_FILE_MACHINE.I386, 'i386'],
  [IMAGE_FILE_MACHINE.AMD64, 'x86_64'],
  [IMAGE_FILE_MACHINE.ARM64, 'aarch64'],
  [IMAGE_FILE_MACHINE.ARM64EC, 'aarch64'],
  [IMAGE_FILE_MACHINE.ARM64X, 'aarch64'],
  [0x1c0, 'arm'],
  [0x1c2, 'arm'],
  [0x1c4, 'arm'],
  [0x200, 'ia64'],
  [0x184, 'alpha'],
  [0x284, 'alpha'],
  [0x166, 'mips'],
  [0x1f0, 'ppc'],
  [0x1f1, 'ppc'],
  [0x1a6, 'sh4'],
  [0x5032, 'riscv32'],
  [0x5064, 'riscv64'],
  [0x6264, 'loongarch64'],
]);

/**
 * .NET marks native code of a managed assembly for a system other than Windows by the machine XOR one of these
 * (dotnet/runtime, docs/design/coreclr/botr/readytorun-format.md, "PE Headers and CLI Headers").
 */
export const READY_TO_RUN_SYSTEMS: readonly number[] = [0x7b79, 0x4644, 0xadc4, 0x1993, 0x1992];

/** PE Format, "Characteristics". */
export const IMAGE_FILE_EXECUTABLE_IMAGE = 0x0002;
export const IMAGE_FILE_DLL = 0x2000;

/** PE Format, "DLL Characteristics". */
export const IMAGE_DLLCHARACTERISTICS_WDM_DRIVER = 0x2000;

export const PE32 = 0x10b;
export const PE32_PLUS = 0x20b;

/** PE Format, "Windows Subsystem". */
export const IMAGE_SUBSYSTEM_NATIVE = 1;
export const EFI_SUBSYSTEMS: ReadonlySet<number> = new Set([10, 11, 12, 13]);
export const SUBSYSTEMS: ReadonlyMap<number, string> = new Map([
  [0, 'unknown'],
  [1, 'native'],
  [2, 'windows-gui'],
  [3, 'windows-console'],
  [5, 'os2-console'],
  [7, 'posix-console'],
  [8, 'native-windows'],
  [9, 'windows-ce-gui'],
  [10, 'efi-application'],
  [11, 'efi-boot-service-driver'],
  [12, 'efi-runtime-driver'],
  [13, 'efi-rom'],
  [14, 'xbox'],
  [16, 'windows-boot-application'],
]);

/** PE Format, "Optional Header Data Directories". */
export const DIRECTORY = {
  export: 0,
  import: 1,
  resource: 2,
  loadConfiguration: 10,
  delayImport: 13,
  clr: 14,
} as const;

/** PE Format, "Section Flags". */
export const IMAGE_SCN_CNT_CODE = 0x20;
export const IMAGE_SCN_MEM_EXECUTE = 0x20000000;

/** The loader reads no more than this; the field is 16 bits wide, and objects have more. */
export const MAX_SECTIONS = 4096;
export const MAX_DATA_DIRECTORIES = 16;
export const MAX_IMPORT_DLLS = 4096;
/** Over all DLLs of one file. */
export const MAX_IMPORTED_NAMES = 1 << 18;
/** Ordinals are 16 bits wide. */
export const MAX_EXPORTS = 1 << 16;
/** Mangled names of C++ templates are long: MSVC stops at 4096, others do not. */
export const MAX_NAME_BYTES = 1 << 14;
/** Over all names of one file, so that overlapping names cannot fill the memory. */
export const MAX_TEXT_BYTES = 1 << 25;
export const MAX_RESOURCE_ENTRIES = 4096;
export const MAX_MANIFEST_BYTES = 1 << 20;

/** An image with smaller sections than a page is mapped as it lies in the file. */
export const PAGE_BYTES = 4096;
/** The loader rounds PointerToRawData down to a disk sector. */
export const SECTOR_BYTES = 512;

export const RT_MANIFEST = 24;
