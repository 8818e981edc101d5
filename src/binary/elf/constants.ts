/** Names and numbers as the specifications print them, and the limits on what a file may make us read. */

/** gABI 4.1, Figure 4-4 (e_ident). */
export const EI = { CLASS: 4, DATA: 5, VERSION: 6, OSABI: 7, ABIVERSION: 8, NIDENT: 16 } as const;
export const ELFCLASS32 = 1;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;
export const ELFDATA2MSB = 2;

export const ET_REL = 1;
export const ET_EXEC = 2;
export const ET_DYN = 3;
export const ET_CORE = 4;

/** e_phnum and e_shstrndx that say: the number is in section header 0 (gABI 4.1, "ELF Header"; elf.h, PN_XNUM). */
export const PN_XNUM = 0xffff;
export const SHN_XINDEX = 0xffff;

/** gABI 4.1, Figure 5-2 (p_type); GNU's and Arm's own from elf.h. */
export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;
export const PT_NOTE = 4;
export const PT_GNU_STACK = 0x6474e551;
export const PT_GNU_PROPERTY = 0x6474e553;
/** Number of SHT_ARM_ATTRIBUTES, as RISC-V's PT_RISCV_ATTRIBUTES has that of its section. No Arm ABI names it yet. */
export const PT_ARM_ATTRIBUTES = 0x70000003;

/** gABI 4.1, Figure 5-3 (p_flags). */
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

/** gABI 4.1, Figure 4-9 (sh_type). */
export const SHT_PROGBITS = 1;
export const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_DYNSYM = 11;
export const SHT_ARM_ATTRIBUTES = 0x70000003;

/** gABI 4.1, Figure 5-10 (d_tag); versions from LSB Core, flags 1 from the Solaris Linker Guide. */
export const DT = {
  NULL: 0n,
  NEEDED: 1n,
  PLTRELSZ: 2n,
  HASH: 4n,
  STRTAB: 5n,
  SYMTAB: 6n,
  RELA: 7n,
  RELASZ: 8n,
  STRSZ: 10n,
  SYMENT: 11n,
  INIT: 12n,
  SONAME: 14n,
  RPATH: 15n,
  REL: 17n,
  RELSZ: 18n,
  PLTREL: 20n,
  DEBUG: 21n,
  JMPREL: 23n,
  BIND_NOW: 24n,
  INIT_ARRAY: 25n,
  RUNPATH: 29n,
  FLAGS: 30n,
  GNU_HASH: 0x6ffffef5n,
  VERSYM: 0x6ffffff0n,
  RELACOUNT: 0x6ffffff9n,
  RELCOUNT: 0x6ffffffan,
  FLAGS_1: 0x6ffffffbn,
  VERDEF: 0x6ffffffcn,
  VERDEFNUM: 0x6ffffffdn,
  VERNEED: 0x6ffffffen,
  VERNEEDNUM: 0x6fffffffn,
  /** MIPS psABI: entries of the dynamic symbol table. */
  MIPS_SYMTABNO: 0x70000011n,
} as const;

export const DF_BIND_NOW = 0x8;
export const DF_1_NOW = 0x1;
export const DF_1_PIE = 0x08000000;

/** gABI registry (e_machine). */
export const EM = {
  SPARC: 2,
  I386: 3,
  M68K: 4,
  MIPS: 8,
  PARISC: 15,
  SPARC32PLUS: 18,
  PPC: 20,
  PPC64: 21,
  S390: 22,
  ARM: 40,
  ALPHA_STANDARD: 41,
  SH: 42,
  SPARCV9: 43,
  IA_64: 50,
  X86_64: 62,
  AVR: 83,
  AARCH64: 183,
  RISCV: 243,
  BPF: 247,
  LOONGARCH: 258,
  /** What every Alpha file has in place of 41. */
  ALPHA: 0x9026,
} as const;

/** MIPS psABI, n32: 64-bit registers in a 32-bit file. */
export const EF_MIPS_ABI2 = 0x20;

/** NT_* of notes with the owner `GNU` (Linux Extensions to gABI; LSB Core, "Note Sections"). */
export const NT_GNU_ABI_TAG = 1;
export const NT_GNU_BUILD_ID = 3;
export const NT_GNU_PROPERTY_TYPE_0 = 5;
export const GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002;
export const GNU_PROPERTY_X86_ISA_1_USED = 0xc0010002;

/** Linux refuses tables above 64 KiB; core files of big processes have more, and need 65 536 at most to be told apart. */
export const MAX_PROGRAM_HEADERS = 65_536;
/** Objects built with one section a function have tens of thousands. */
export const MAX_SECTIONS = 131_072;
export const MAX_DYNAMIC_ENTRIES = 65_536;
/** Linux PATH_MAX; longer names cannot be opened. */
export const MAX_INTERPRETER_BYTES = 4096;
export const MAX_STRING_TABLE_BYTES = 64 * 2 ** 20;
/** The largest string table of section names: a name a section, and MAX_SECTIONS of them. */
export const MAX_SECTION_NAMES_BYTES = 16 * 2 ** 20;
/** What is looked at of one name; only names that are known matter. */
export const MAX_SECTION_NAME_BYTES = 256;
/** Entries of a table that may be broken before the rest is not looked at. */
export const MAX_BROKEN_ENTRIES = 16;
export const MAX_DYNAMIC_SYMBOLS = 2 ** 21;
/** Relocations with a symbol; the largest libraries have some hundred thousand. */
export const MAX_RELOCATIONS = 2 ** 23;
/** Entries of all lists of versions in one file; libstdc++ has about 60. */
export const MAX_VERSIONS = 16_384;
/** Files have up to five segments and ten sections of notes, with one or two notes each; kernel modules have more. */
export const MAX_NOTE_AREAS = 256;
export const MAX_NOTE_BYTES = 2 ** 20;
export const MAX_NOTES = 4096;
export const MAX_ARM_ATTRIBUTE_BYTES = 65_536;
export const MAX_COMMENT_BYTES = 2 ** 20;
