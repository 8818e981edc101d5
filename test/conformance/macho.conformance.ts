import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { machoFormat, parseMacho } from '../../src/binary/macho/index.js';
import type { MachoSlice } from '../../src/model/binary.js';
import { memoryView } from '../../src/model/view.js';
import { filesBelow } from './pe.files.js';

/**
 * Machine, kind, platform and libraries of every slice equal what llvm-objdump prints, over the Mach-O files below
 * the folders of XOSCHECK_CORPUS (separated by colons): npm packages for darwin.
 */
const FOLDERS = (process.env['XOSCHECK_CORPUS'] ?? '').split(':').filter((folder) => existsSync(folder));
const OBJDUMP = ['llvm-objdump', 'llvm-objdump-14'].find((command) => spawnSync(command, ['--version']).status === 0);
const MAX_OUTPUT_BYTES = 1 << 30;

const MACHINES: Readonly<Record<string, string>> = { X86_64: 'x86_64', I386: 'i386', ARM64: 'aarch64', ARM: 'arm' };
const KINDS: Readonly<Record<string, string>> = {
  EXECUTE: 'executable',
  DYLIB: 'dylib',
  BUNDLE: 'bundle',
  OBJECT: 'object',
  DYLIB_STUB: 'dylib',
};
const LOADS = /^LC_(?:LOAD|LAZY_LOAD|LOAD_WEAK|REEXPORT|LOAD_UPWARD)_DYLIB$/u;

interface Facts {
  readonly machine: string;
  readonly kind: string;
  readonly platform: MachoSlice['platform'];
  readonly dylibs: readonly string[];
}

describe.runIf(OBJDUMP !== undefined && FOLDERS.length > 0)('Mach-O facts equal those of llvm-objdump', () => {
  test.each(FOLDERS)('below %s', (folder) => {
    const paths = filesBelow(folder, machoFormat.sniff);
    const differences: string[] = [];
    let slices = 0;
    let dylibs = 0;
    for (const path of paths) {
      const parsed = parseMacho(memoryView(readFileSync(path)));
      const ours = parsed.ok ? parsed.value.slices.map(factsOf) : [parsed.error];
      if (parsed.ok) differences.push(...parsed.value.gaps.map((gap) => `${path}: ${JSON.stringify(gap)}`));
      const theirs = llvmFacts(path);
      slices += theirs.length;
      dylibs += theirs.reduce((sum, slice) => sum + slice.dylibs.length, 0);
      const [a, b] = [JSON.stringify(ours), JSON.stringify(theirs)];
      if (a !== b) differences.push(`${path}: ours ${a} theirs ${b}`);
    }
    console.log(
      `${folder}: ${paths.length} Mach-O files, ${slices} slices, ${dylibs} libraries, ${differences.length} differences`,
    );
    expect(differences).toEqual([]);
  });
});

function factsOf({ machine, kind, platform, dylibs }: MachoSlice): Facts {
  return { machine, kind, platform, dylibs };
}

/** One block a slice, each with a header line and numbered load commands of `key value` lines. */
function llvmFacts(path: string): readonly Facts[] {
  const run = spawnSync(OBJDUMP ?? '', ['-m', '--private-headers', '--arch=all', path], {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const [, ...blocks] = run.stdout.split(/^Mach header$/mu);
  return blocks.map((block) => {
    const [, , header = '', ...rest] = block.split('\n');
    const [, machine = '', , , kind = ''] = header.trim().split(/\s+/u);
    const commands = rest.join('\n').split(/^Load command \d+$/mu);
    return {
      machine: MACHINES[machine] ?? machine,
      kind: KINDS[kind] ?? kind,
      platform: commands.map(platformOf).find((platform) => platform !== null) ?? null,
      dylibs: commands
        .filter((command) => LOADS.test(field(command, 'cmd')))
        .map((command) => /^\s*name (.*) \(offset \d+\)$/mu.exec(command)?.[1] ?? ''),
    };
  });
}

function platformOf(command: string): MachoSlice['platform'] {
  if (field(command, 'cmd') === 'LC_BUILD_VERSION')
    return { name: field(command, 'platform'), minimum: field(command, 'minos') };
  if (field(command, 'cmd') === 'LC_VERSION_MIN_MACOSX') return { name: 'macos', minimum: field(command, 'version') };
  return null;
}

function field(command: string, key: string): string {
  return new RegExp(`^\\s*${key} (\\S+)`, 'mu').exec(command)?.[1] ?? '';
}
