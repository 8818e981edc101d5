import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PeManifest } from '../../src/model/binary.js';

/** What pefile says of one file; `refused` where it reads nothing. */
export interface PefileFacts {
  readonly path: string;
  readonly refused?: string;
  readonly machine: number;
  readonly characteristics: number;
  readonly pe32plus: boolean;
  readonly subsystem: number;
  readonly subsystemVersion: string;
  readonly osVersion: string;
  readonly imports: readonly DllNames[];
  readonly delayImports: readonly DllNames[];
  readonly exportName: string | null;
  readonly exports: readonly (readonly [number, string | null, string | null])[];
  /** As Python's XML reader sees it; `untidy` where it refuses. */
  readonly manifest: PeManifest | 'untidy' | null;
  readonly managed: boolean;
  readonly hybrid: boolean;
}

export interface DllNames {
  readonly dll: string;
  readonly names: readonly string[];
}

const MAX_OUTPUT_BYTES = 1 << 30;
const PEFILE = fileURLToPath(new URL('pe.pefile.py', import.meta.url));

/** True where Debian's python3-pefile and binutils are installed. */
export function hasOracles(): boolean {
  const probe = (command: string, args: readonly string[]): boolean => spawnSync(command, args).status === 0;
  return probe('/usr/bin/python3', ['-c', 'import pefile']) && probe('objdump', ['--version']);
}

export function pefile(paths: readonly string[]): ReadonlyMap<string, PefileFacts> {
  const output = execFileSync('/usr/bin/python3', [PEFILE], {
    input: paths.join('\n'),
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const facts = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PefileFacts);
  return new Map(facts.map((fact) => [fact.path, fact]));
}

/** What `objdump -p` prints of a file for x86; it knows neither delay imports nor manifests. */
export interface ObjdumpFacts {
  readonly characteristics: number;
  readonly subsystem: number;
  readonly subsystemVersion: string;
  readonly osVersion: string;
  readonly imports: readonly DllNames[];
  /** Ordinal → forwarder, or null for code. */
  readonly addresses: readonly (readonly [number, string | null])[];
  /** Ordinal and name. */
  readonly names: readonly (readonly [number, string])[];
}

/** Null where objdump does not know the format (it has no Arm here). */
export function objdump(path: string): ObjdumpFacts | null {
  const run = spawnSync('objdump', ['-p', path], { encoding: 'latin1', maxBuffer: MAX_OUTPUT_BYTES });
  if (run.status !== 0) return null;
  const field = (name: string): string => new RegExp(`^${name}\\s+(\\S+)`, 'mu').exec(run.stdout)?.[1] ?? '';
  return {
    characteristics: parseInt(/^Characteristics (0x[0-9a-f]+)/mu.exec(run.stdout)?.[1] ?? '', 16),
    subsystem: parseInt(field('Subsystem'), 16),
    subsystemVersion: `${field('MajorSubsystemVersion')}.${field('MinorSubsystemVersion')}`,
    osVersion: `${field('MajorOSystemVersion')}.${field('MinorOSystemVersion')}`,
    imports: importsOf(run.stdout),
    ...exportsOf(run.stdout),
  };
}

/** Rows of three columns: entry of the table, hint, name; `<none>` stands for the name of an ordinal. */
function importsOf(output: string): readonly DllNames[] {
  const [, ...blocks] = output.split(/^\tDLL Name: /mu);
  return blocks.map((block) => {
    const [dll = '', ...lines] = block.split('\n');
    const end = lines.findIndex((line) => line === '');
    const rows = lines.slice(0, end).flatMap((line) => {
      const found = /^\t([0-9a-f]+)\t\s*[0-9a-f]+ {2}(.*?)(?:\t[0-9a-f]+)?$/u.exec(line);
      return found === null ? [] : [[found[1] ?? '', found[2] ?? '']];
    });
    return {
      dll,
      names: rows.map(([entry = '', name = '']) => (name === '<none>' ? `#${BigInt(`0x${entry}`) & 0xffffn}` : name)),
    };
  });
}

function exportsOf(output: string): Pick<ObjdumpFacts, 'addresses' | 'names'> {
  const base = Number(/^Ordinal Base\s+(\d+)/mu.exec(output)?.[1] ?? '0');
  const addressTable = /^Export Address Table -- Ordinal Base \d+\n([^]*?)\n\n/mu.exec(output)?.[1] ?? '';
  const nameTable = /^\[Ordinal\/Name Pointer\] Table.*\n([^]*?)\n\n/mu.exec(output)?.[1] ?? '';
  const addresses = [
    ...addressTable.matchAll(/^\t\[\s*(\d+)\] \+base\[\s*(\d+)\] [0-9a-f]+ (Export|Forwarder) RVA(?: -- (.*))?$/gmu),
  ];
  const names = [...nameTable.matchAll(/^\t\[\s*(\d+)\](?: \+base\[\s*\d+\])?(?:\s+[0-9a-f]+)? (.*)$/gmu)];
  return {
    addresses: addresses.map(([, , ordinal, kind, to]) => [Number(ordinal), kind === 'Forwarder' ? (to ?? '') : null]),
    names: names.map(([, index, name]) => [Number(index) + base, name ?? '']),
  };
}
