import type { FactEntry } from '../catalog-types.js';

/** Facts of one thing that a file refers to. A string alone is a hint (it may stand in code that never runs). */
export const REFERENCE_FACTS: readonly FactEntry[] = [
  {
    path: 'reference.kind',
    type: 'string',
    values: ['linux-path', 'windows-path', 'registry-key', 'device', 'service', 'linux-api', 'windows-api'],
    doc: 'What is referred to.',
  },
  { path: 'reference.value', type: 'string', doc: 'What was found: `/dev/kvm`, `HKLM\\SOFTWARE`, `ptrace`.' },
  {
    path: 'reference.class',
    type: 'string',
    doc: 'Class of the knowledge base: `needs-device`, `registry`, `io-uring`.',
  },
  { path: 'reference.path', type: 'string', doc: 'The file that it stands in.' },
  { path: 'reference.reach', type: 'string', values: ['start', 'later', 'present'], doc: 'How that file is reached.' },
  {
    path: 'reference.file-kind',
    type: 'string',
    values: ['elf', 'pe', 'mach-o', 'text', 'other'],
    doc: 'What that file is.',
  },
  { path: 'reference.file-is-library', type: 'boolean', doc: 'That file is a shared library.' },
  { path: 'reference.managed', type: 'boolean', doc: 'That file is a .NET assembly; null where it is no PE file.' },
  { path: 'reference.encoding', type: 'string', values: ['ascii', 'utf-16le', 'import'], doc: 'How it is written.' },
  { path: 'reference.offset', type: 'integer', unit: 'bytes', doc: 'Place in the file; null for an import.' },
  { path: 'reference.library', type: 'string', doc: 'Library that it is imported from; null for strings.' },
];
