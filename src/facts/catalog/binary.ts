import type { FactEntry } from '../catalog-types.js';

const COMMON: readonly FactEntry[] = [
  { path: 'binary.path', type: 'string', doc: 'Path in the image.' },
  { path: 'binary.reach', type: 'string', values: ['start', 'later', 'present'], doc: 'How it is reached.' },
  { path: 'binary.format', type: 'string', values: ['elf', 'pe', 'mach-o'], doc: 'Format of the file.' },
  {
    path: 'binary.kind',
    type: 'string',
    values: [
      'executable',
      'pie',
      'static-pie',
      'shared-object',
      'relocatable',
      'core',
      'other',
      'dll',
      'driver',
      'efi',
      'object',
      'dylib',
      'bundle',
    ],
    doc: 'Kind in the word of its format.',
  },
  { path: 'binary.machine', type: 'string', doc: 'Machine whose code it holds; Mach-O: of the first slice.' },
  { path: 'binary.machines', type: 'string-list', doc: 'Machines of all its slices.' },
  { path: 'binary.bits', type: 'integer', unit: 'bits', doc: '32 or 64.' },
  { path: 'binary.endianness', type: 'string', values: ['little', 'big'], doc: 'Byte order.' },
  { path: 'binary.size-bytes', type: 'integer', unit: 'bytes', doc: 'Size of the file.' },
  {
    path: 'binary.foreign',
    type: 'boolean',
    doc: 'Neither the machine of the start path nor one that the declared architecture executes; or of another system.',
  },
  { path: 'binary.soname', type: 'string', doc: 'Name that the library gives itself; null where it gives none.' },
  { path: 'binary.packer', type: 'string', doc: 'Packer that hides what it needs (`UPX`); null where none was seen.' },
  { path: 'binary.go', type: 'record', doc: 'Build information of the Go linker; null where there is none.' },
  { path: 'binary.go.version', type: 'string', doc: '`go1.21.4`.' },
  { path: 'binary.go.amd64-level', type: 'integer', unit: 'level', doc: 'GOAMD64 as a level; null where not set.' },
  { path: 'binary.go.arm-version', type: 'integer', unit: 'arm-version', doc: 'GOARM; null where not set.' },
  { path: 'binary.go.cgo', type: 'boolean', doc: 'CGO_ENABLED=1; null where the build does not say.' },
  { path: 'binary.rust', type: 'record', doc: 'Traces of rustc; null where there are none.' },
  { path: 'binary.rust.version', type: 'string', doc: 'Version of rustc; null where only traces are there.' },
];

const ELF: readonly FactEntry[] = [
  { path: 'binary.os-abi', type: 'string', doc: 'ELF: EI_OSABI as a name; null for other formats.' },
  {
    path: 'binary.has-entry-point',
    type: 'boolean',
    doc: 'ELF: e_entry says where it begins, as in a program, and in a loader; null for other formats.',
  },
  { path: 'binary.interpreter', type: 'record', doc: 'PT_INTERP; null where it has none.' },
  { path: 'binary.interpreter.path', type: 'string', doc: 'As written in the file.' },
  {
    path: 'binary.interpreter.entry',
    type: 'string',
    doc: 'File that the path leads to; null where it leads to none.',
  },
  { path: 'binary.interpreter.links', type: 'string-list', doc: 'Links on the way.' },
  {
    path: 'binary.interpreter.libc',
    type: 'string',
    values: ['glibc', 'musl', 'other'],
    doc: 'Family that the written path belongs to.',
  },
  {
    path: 'binary.interpreter.entry-machine',
    type: 'string',
    doc: 'Machine of that file; null where it is none or no binary.',
  },
  {
    path: 'binary.interpreter.entry-agrees',
    type: 'boolean',
    doc: 'That file is an ELF file of the same machine; null where it is none.',
  },
  { path: 'binary.load-segments', type: 'record-list', doc: 'PT_LOAD program headers.' },
  { path: 'binary.load-segments[].index', type: 'integer', doc: 'Index among all program headers.' },
  { path: 'binary.load-segments[].align-bytes', type: 'integer', unit: 'bytes', doc: 'p_align.' },
  { path: 'binary.load-segments[].end-bytes', type: 'integer', unit: 'bytes', doc: 'p_offset + p_filesz.' },
  { path: 'binary.load-segments[].in-file', type: 'boolean', doc: 'The file begins every page of it (4096 bytes).' },
  { path: 'binary.needed', type: 'string-list', doc: 'Names that it asks its loader for.' },
  {
    path: 'binary.loader',
    type: 'string',
    values: ['glibc', 'musl', 'windows', 'dyld', 'static'],
    doc: 'Loader that maps it; null where none was followed.',
  },
  {
    path: 'binary.program',
    type: 'string',
    doc: 'Program of the start path in whose process it is mapped; itself for a program, null where none maps it.',
  },
  {
    path: 'binary.libc',
    type: 'string',
    values: ['glibc', 'musl'],
    doc: 'libc that it was linked with, by what it needs; null where it needs none.',
  },
  {
    path: 'binary.glibc-only-imports',
    type: 'string-list',
    doc: 'Imported functions that glibc has and musl has not: `__strcat_chk`, `__register_atfork`.',
  },
  { path: 'binary.abi-tag', type: 'record', doc: 'NT_GNU_ABI_TAG; null where there is none.' },
  { path: 'binary.abi-tag.os', type: 'string', doc: 'System that it was built for: `linux`.' },
  { path: 'binary.abi-tag.kernel', type: 'version', doc: 'Oldest kernel that it was built for.' },
  {
    path: 'binary.x86-isa-needed',
    type: 'integer',
    unit: 'level',
    doc: 'GNU_PROPERTY_X86_ISA_1_NEEDED as a level; null where absent.',
  },
  { path: 'binary.arm', type: 'record', doc: '`.ARM.attributes`; null where there are none.' },
  { path: 'binary.arm.cpu-arch', type: 'string', doc: 'Tag_CPU_arch: `v7`; null where absent.' },
  { path: 'binary.arm.version', type: 'integer', unit: 'arm-version', doc: 'The same as a number; null where absent.' },
  { path: 'binary.arm.hard-float', type: 'boolean', doc: 'Arguments in VFP registers.' },
  {
    path: 'binary.executable-stack',
    type: 'boolean',
    doc: 'PT_GNU_STACK asks for an executable stack; null where there is no such header.',
  },
];

const DEPENDENCIES: readonly FactEntry[] = [
  { path: 'binary.dependencies', type: 'record-list', doc: 'Needed names and what became of them.' },
  { path: 'binary.dependencies[].name', type: 'string', doc: 'Name asked for; DLL names in lower case.' },
  {
    path: 'binary.dependencies[].status',
    type: 'string',
    values: ['found', 'missing', 'builtin'],
    doc: 'What the loader gets; `builtin`: it brings it itself.',
  },
  {
    path: 'binary.dependencies[].entry',
    type: 'string',
    doc: 'File that was found in what could be read; null where none was, or the loader brings it.',
  },
  {
    path: 'binary.dependencies[].readable',
    type: 'boolean',
    doc: 'The user that starts the image may read it; null where no file was found.',
  },
  {
    path: 'binary.dependencies[].searched',
    type: 'string-list',
    doc: 'Directories in which the loader looked, in order.',
  },
  { path: 'binary.dependencies[].delay-loaded', type: 'boolean', doc: 'Loaded at the first call only.' },
  {
    path: 'binary.dependencies[].other-machine-in',
    type: 'string',
    doc: 'Directory with a file of that name for another machine; null where none was met.',
  },
  {
    path: 'binary.dependencies[].elsewhere',
    type: 'string',
    doc: 'A file of that name anywhere in the image; null where there is none.',
  },
  {
    path: 'binary.dependencies[].injected',
    type: 'boolean',
    doc: 'A library of the GPU driver, which the container runtime brings in.',
  },
  {
    path: 'binary.dependencies[].family',
    type: 'string',
    values: ['openssl-1', 'vc-runtime', 'glibc', 'other'],
    doc: 'Family of libraries that calls for an advice of its own.',
  },
  {
    path: 'binary.missing-versions',
    type: 'record-list',
    doc: 'Symbol versions that the library found for it does not define.',
  },
  { path: 'binary.missing-versions[].version', type: 'string', doc: '`GLIBC_2.34`.' },
  { path: 'binary.missing-versions[].provider', type: 'string', doc: 'Soname that must define it.' },
  { path: 'binary.missing-versions[].provider-path', type: 'string', doc: 'File that was found for that name.' },
  {
    path: 'binary.missing-versions[].provider-has',
    type: 'string',
    doc: 'Highest version of the same name that the file defines; null where it defines none.',
  },
  { path: 'binary.missing-versions[].weak', type: 'boolean', doc: 'The need is weak: the loader warns and goes on.' },
  {
    path: 'binary.missing-versions[].family',
    type: 'string',
    values: ['glibc', 'libstdc++', 'other'],
    doc: 'Whose versions they are.',
  },
  {
    path: 'binary.symbols-bound',
    type: 'boolean',
    doc: 'All that may define its symbols was found and read, so that `missing-symbols` is the whole truth.',
  },
  {
    path: 'binary.missing-symbols',
    type: 'record-list',
    doc: 'Symbols that it uses and nothing in its process defines; empty where that is not certain.',
  },
  { path: 'binary.missing-symbols[].name', type: 'string', doc: 'As in the file; an ordinal of a DLL is `#12`.' },
  {
    path: 'binary.missing-symbols[].text',
    type: 'string',
    doc: 'As the loader prints it: `SSL_new, version OPENSSL_3.0.0`.',
  },
  {
    path: 'binary.missing-symbols[].provider',
    type: 'string',
    doc: 'Soname or DLL that must define it; null where the file does not say.',
  },
  {
    path: 'binary.missing-symbols[].provider-path',
    type: 'string',
    doc: 'File that was found for that name; null where there is none.',
  },
  {
    path: 'binary.missing-symbols[].when',
    type: 'string',
    values: ['start', 'call'],
    doc: '`start`: looked up before the code runs; `call`: when it is first called.',
  },
];

const PE: readonly FactEntry[] = [
  { path: 'binary.subsystem', type: 'string', doc: 'PE subsystem: `windows-console`; null for other formats.' },
  { path: 'binary.subsystem-version', type: 'version', doc: 'Oldest Windows that starts it; null for other formats.' },
  { path: 'binary.hybrid', type: 'string', values: ['arm64ec', 'arm64x'], doc: 'Hybrid code; null where it is none.' },
  {
    path: 'binary.native-code',
    type: 'boolean',
    doc: 'PE: has code of its machine, not only portable IL; null for other formats.',
  },
  { path: 'binary.clr', type: 'record', doc: 'CLI header; null where there is none.' },
  { path: 'binary.clr.any-cpu', type: 'boolean', doc: 'Runs in a process of any machine.' },
  { path: 'binary.clr.requires-32-bit', type: 'boolean', doc: '32BITREQUIRED.' },
  { path: 'binary.clr.metadata-version', type: 'string', doc: '`v4.0.30319`; null where not found.' },
  { path: 'binary.clr.target-framework', type: 'string', doc: '`.NETFramework,Version=v4.8`; null where not found.' },
  {
    path: 'binary.clr.pinvoke-modules',
    type: 'string-list',
    doc: 'Libraries that it calls by P/Invoke, in lower case.',
  },
  { path: 'binary.clr.pinvoke-windows', type: 'string-list', doc: 'Those of them that only Windows has.' },
];

const ADDONS: readonly FactEntry[] = [
  { path: 'binary.addon', type: 'record', doc: 'A native part of a language package; null for other files.' },
  { path: 'binary.addon.language', type: 'string', values: ['node', 'python'], doc: 'Language that loads it.' },
  {
    path: 'binary.addon.package',
    type: 'string',
    doc: 'Package that it belongs to, without the words for a platform.',
  },
  {
    path: 'binary.addon.platform',
    type: 'string',
    doc: 'Platform that its path or its content says: `darwin-arm64`, `linux-x64-musl`.',
  },
  { path: 'binary.addon.fits', type: 'boolean', doc: 'It fits the system, machine and libc of this image.' },
  { path: 'binary.addon.sibling-fits', type: 'boolean', doc: 'Another native part of the same package fits.' },
  { path: 'binary.addon.portable-fallback', type: 'boolean', doc: 'The package also brings a WebAssembly build.' },
];

/** Facts of one binary. */
export const BINARY_FACTS: readonly FactEntry[] = [...COMMON, ...ELF, ...DEPENDENCIES, ...PE, ...ADDONS];
