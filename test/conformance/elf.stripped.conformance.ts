import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ElfBinary } from '../../src/model/binary.js';
import { parseElf, readDynamicSymbols } from '../../src/binary/elf/index.js';
import { memoryView } from '../../src/model/view.js';
import { elfFilesBelow } from './elf.files.js';

/**
 * Without section headers every program and library has the same facts and dynamic symbols: those that loaders read
 * come from the program headers. Left out are objects and debug information, which have nothing but sections, and the
 * facts that only sections have.
 */
const FOLDERS = ['/usr', ...(process.env['XOSCHECK_CORPUS'] ?? '').split(':')].filter((folder) => existsSync(folder));
const TEN_MINUTES = 600_000;
const MAX_FILE_BYTES = 300 * 2 ** 20;

/** `go` is there to say that its blob is found without its section. */
const FACTS = [
  'machine',
  'bits',
  'endianness',
  'osAbi',
  'abiVersion',
  'kind',
  'interpreter',
  'needed',
  'soname',
  'rpath',
  'runpath',
  'bindNow',
  'dtFlags',
  'dtFlags1',
  'versionNeeds',
  'versionDefinitions',
  'abiTag',
  'x86IsaNeeded',
  'x86IsaUsed',
  'loadSegments',
  'executableStack',
  'symbols',
  'go',
  'gaps',
] as const satisfies readonly (keyof ElfBinary)[];

/** Names of the facts that differ, each once. */
function differences(path: string): readonly string[] | null {
  const bytes = new Uint8Array(readFileSync(path));
  const whole = parseElf(memoryView(bytes));
  if (!whole.ok) return ['header'];
  const isProgram = whole.value.kind !== 'relocatable' && whole.value.loadSegments.length > 0;
  if (!isProgram || whole.value.gaps.length > 0 || isDebugInformation(path)) return null;
  const wholeSymbols = readDynamicSymbols(memoryView(bytes));
  removeSectionHeaders(bytes);
  const stripped = parseElf(memoryView(bytes));
  if (!stripped.ok) return ['header'];
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'bigint' ? part.toString() : part instanceof Uint32Array ? [...part] : part,
    );
  const facts = FACTS.filter((name) => text(whole.value[name]) !== text(stripped.value[name]));
  const sameSymbols = text(readDynamicSymbols(memoryView(bytes))) === text(wholeSymbols);
  return sameSymbols ? facts : [...facts, 'symbols'];
}

function isDebugInformation(path: string): boolean {
  return path.endsWith('.debug') || path.includes('/lib/debug/');
}

/** e_shoff, e_shnum and e_shstrndx become 0. */
function removeSectionHeaders(bytes: Uint8Array): void {
  const wide = bytes[4] === 2;
  bytes.fill(0, wide ? 40 : 32, wide ? 48 : 36);
  bytes.fill(0, wide ? 60 : 48, wide ? 64 : 52);
}

describe('facts do not need section headers', () => {
  for (const folder of FOLDERS) {
    test(`below ${folder}`, { timeout: TEN_MINUTES }, () => {
      const paths = elfFilesBelow(folder).filter((path) => statSync(path).size <= MAX_FILE_BYTES);
      let compared = 0;
      const found = paths.flatMap((path) => {
        const names = differences(path);
        if (names !== null) compared += 1;
        return (names ?? []).map((name) => `${path}: ${name}`);
      });
      console.log(`${folder}: ${compared} ELF files without section headers, ${found.length} differences`);
      expect(found).toEqual([]);
    });
  }
});
