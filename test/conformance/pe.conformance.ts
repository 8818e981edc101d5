import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { classifyHead } from '../../src/binary/head.js';
import { parsePe, peFormat } from '../../src/binary/pe/index.js';
import type { PeBinary } from '../../src/model/binary.js';
import { memoryView } from '../../src/model/view.js';
import { filesBelow } from './pe.files.js';
import { hasOracles, objdump, pefile, type ObjdumpFacts, type PefileFacts } from './pe.oracles.js';

/**
 * Headers, imports, delay imports, exports, manifests and the marks of managed and hybrid images equal what pefile
 * reads, and for x86 what objdump prints, over the PE files of Wine and mingw-w64, of Python's installers, and of the
 * folders of XOSCHECK_CORPUS (separated by colons).
 */
const FOLDERS = ['/usr', ...(process.env['XOSCHECK_CORPUS'] ?? '').split(':')].filter((folder) => existsSync(folder));
const BATCH = 40;

const SUBSYSTEMS: readonly string[] = [
  'unknown',
  'native',
  'windows-gui',
  'windows-console',
  'other-4',
  'os2-console',
  'other-6',
  'posix-console',
  'native-windows',
  'windows-ce-gui',
  'efi-application',
  'efi-boot-service-driver',
  'efi-runtime-driver',
  'efi-rom',
  'xbox',
  'other-15',
  'windows-boot-application',
];

interface Counts {
  files: number;
  imports: number;
  delayImports: number;
  exports: number;
  forwarders: number;
  manifests: number;
  untidyManifests: number;
  managed: number;
  hybrid: number;
  byObjdump: number;
  refusedByPefile: number;
  machines: Record<string, number>;
}

describe.runIf(hasOracles())('PE facts equal those of pefile and objdump', () => {
  test.each(FOLDERS)('below %s', (folder) => {
    const paths = filesBelow(folder, (head) => peFormat.sniff(head) && classifyHead(head, head.length) === 'data');
    const counts = emptyCounts();
    const differences: string[] = [];
    for (let from = 0; from < paths.length; from += BATCH) {
      const batch = paths.slice(from, from + BATCH);
      const expected = pefile(batch);
      for (const path of batch) differences.push(...compare(path, expected.get(path), counts));
    }
    console.log(`${folder}: ${JSON.stringify(counts)}, ${differences.length} differences`);
    expect(differences).toEqual([]);
  });
});

function compare(path: string, expected: PefileFacts | undefined, counts: Counts): readonly string[] {
  const parsed = parsePe(memoryView(readFileSync(path)));
  if (expected === undefined) return [`${path}: pefile says nothing`];
  if (expected.refused !== undefined) {
    counts.refusedByPefile += 1;
    return parsed.ok ? [`${path}: pefile refuses: ${expected.refused}`] : [];
  }
  if (!parsed.ok) return [`${path}: ${JSON.stringify(parsed.error)}`];
  const binary = parsed.value;
  count(binary, counts);
  if (expected.manifest === 'untidy') counts.untidyManifests += 1;
  const dumped = objdump(path);
  if (dumped !== null) counts.byObjdump += 1;
  return [
    ...rows(binary, expected).flatMap(([name, ours, theirs]) => differ(path, `${name} (pefile)`, ours, theirs)),
    ...(dumped === null ? [] : dumpedRows(binary, dumped)).flatMap(([name, ours, theirs]) =>
      differ(path, `${name} (objdump)`, ours, theirs),
    ),
    ...differ(path, 'gaps', binary.gaps, []),
  ];
}

type Row = readonly [name: string, ours: unknown, theirs: unknown];

function rows(binary: PeBinary, expected: PefileFacts): readonly Row[] {
  const dlls = (delayed: boolean): unknown =>
    binary.imports.filter(({ delayLoaded }) => delayLoaded === delayed).map(({ dll, names }) => ({ dll, names }));
  const order = (list: readonly (readonly [number, string | null, string | null])[]): readonly string[] =>
    list.map(([ordinal, name, forwarder]) => `${ordinal} ${name ?? '-'} ${forwarder ?? '-'}`).sort();
  const isDll = (expected.characteristics & 0x2000) !== 0;
  return [
    ['Machine', binary.Machine, expected.machine],
    ['bits', binary.bits, expected.pe32plus ? 64 : 32],
    ['subsystem', binary.subsystem, SUBSYSTEMS[expected.subsystem] ?? `other-${expected.subsystem}`],
    ['subsystem version', binary.subsystemVersion, expected.subsystemVersion],
    ['system version', binary.osVersion, expected.osVersion],
    ['DLL', binary.kind === 'dll', isDll && !['efi', 'driver'].includes(binary.kind)],
    ['EFI', binary.isUefi, expected.subsystem >= 10 && expected.subsystem <= 13],
    ['imports', dlls(false), expected.imports],
    ['delay imports', dlls(true), expected.delayImports],
    ['export name', binary.exportName, expected.exportName],
    ['exports', order(binary.exports.map((one) => [one.ordinal, one.name, one.forwarder])), order(expected.exports)],
    ['manifest', expected.manifest === 'untidy' ? 'untidy' : binary.manifest, expected.manifest],
    ['managed', binary.clr !== null, expected.managed],
    ['hybrid', binary.hybrid !== null, expected.hybrid],
  ];
}

/** objdump prints one line a function and one a name, in the order of the file's tables. */
function dumpedRows(binary: PeBinary, expected: ObjdumpFacts): readonly Row[] {
  const imports = binary.imports.filter(({ delayLoaded }) => !delayLoaded).map(({ dll, names }) => ({ dll, names }));
  const addresses = new Map(binary.exports.map(({ ordinal, forwarder }) => [ordinal, forwarder]));
  const names = binary.exports.flatMap(({ ordinal, name }) => (name === null ? [] : [`${ordinal} ${name}`]));
  return [
    ['subsystem', binary.subsystem, SUBSYSTEMS[expected.subsystem] ?? `other-${expected.subsystem}`],
    ['subsystem version', binary.subsystemVersion, expected.subsystemVersion],
    ['system version', binary.osVersion, expected.osVersion],
    ['imports', imports, expected.imports],
    ['export addresses', [...addresses], expected.addresses],
    ['export names', names.sort(), expected.names.map(([ordinal, name]) => `${ordinal} ${name}`).sort()],
  ];
}

function differ(path: string, name: string, ours: unknown, theirs: unknown): readonly string[] {
  const [a, b] = [JSON.stringify(ours), JSON.stringify(theirs)];
  if (a === b) return [];
  const at = Math.max(0, Array.from(a).findIndex((character, index) => character !== b[index]) - 40);
  return [`${path}: ${name}: ours ${a.slice(at, at + 200)} theirs ${b.slice(at, at + 200)}`];
}

function emptyCounts(): Counts {
  const zero = {
    files: 0,
    imports: 0,
    delayImports: 0,
    exports: 0,
    forwarders: 0,
    manifests: 0,
    untidyManifests: 0,
    managed: 0,
    hybrid: 0,
  };
  return { ...zero, byObjdump: 0, refusedByPefile: 0, machines: {} };
}

function count(binary: PeBinary, counts: Counts): void {
  const names = (delayed: boolean): number =>
    binary.imports.filter(({ delayLoaded }) => delayLoaded === delayed).reduce((sum, one) => sum + one.names.length, 0);
  counts.files += 1;
  counts.imports += names(false);
  counts.delayImports += names(true);
  counts.exports += binary.exports.length;
  counts.forwarders += binary.exports.filter(({ forwarder }) => forwarder !== null).length;
  counts.manifests += binary.manifest === null ? 0 : 1;
  counts.managed += binary.clr === null ? 0 : 1;
  counts.hybrid += binary.hybrid === null ? 0 : 1;
  counts.machines[binary.machine] = (counts.machines[binary.machine] ?? 0) + 1;
}
