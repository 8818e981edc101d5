import { execFileSync } from 'node:child_process';

/** What `readelf -W -h -l -d -V -n --dyn-syms` says about one file, in words of our model where it has one. */
export interface ReadelfFacts {
  readonly bits: number;
  readonly endianness: string;
  readonly osAbi: string;
  readonly abiVersion: number;
  readonly type: string;
  readonly machine: string;
  readonly flags: number;
  readonly entry: string;
  readonly interpreter: string | null;
  readonly loads: readonly string[];
  readonly executableStack: boolean | null;
  readonly needed: readonly string[];
  readonly soname: string | null;
  readonly rpath: string | null;
  readonly runpath: string | null;
  readonly dtFlags: readonly string[];
  readonly dtFlags1: readonly string[];
  readonly bindNowTag: boolean;
  readonly versionNeeds: readonly string[];
  readonly versionDefinitions: readonly string[];
  readonly buildId: string | null;
  readonly abiTag: string | null;
  readonly isaNeeded: string | null;
  readonly isaUsed: string | null;
  readonly symbols: readonly string[];
}

const MAX_OUTPUT = 2 ** 30;

/** Runs readelf once over many files. */
export function readelf(paths: readonly string[]): ReadonlyMap<string, ReadelfFacts> {
  const output = execFileSync('readelf', ['-W', '-h', '-l', '-d', '-V', '-n', '--dyn-syms', '--', ...paths], {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const facts = new Map<string, ReadelfFacts>();
  // With one file readelf prints no name.
  const reports = paths.length === 1 ? [`${paths[0] ?? ''}\n${output}`] : output.split(/^File: /mu).slice(1);
  for (const report of reports) {
    const path = report.slice(0, report.indexOf('\n'));
    facts.set(path, parseReport(report));
  }
  return facts;
}

function parseReport(text: string): ReadelfFacts {
  const one = (pattern: RegExp): string | null => pattern.exec(text)?.[1] ?? null;
  const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  const dynamic = (tag: string, label: string): string[] =>
    all(new RegExp(`^ 0x[0-9a-f]+ \\(${tag}\\) +${label}: \\[(.*)\\]$`, 'gmu'));
  const stack = one(/^ {2}GNU_STACK +(?:0x[0-9a-f]+ ){5}(...) /mu);
  return {
    bits: Number(one(/^ {2}Class: +ELF(\d+)$/mu)),
    endianness: one(/^ {2}Data: .*, (\w+) endian$/mu) ?? '',
    osAbi: one(/^ {2}OS\/ABI: +(.*)$/mu) ?? '',
    abiVersion: Number(one(/^ {2}ABI Version: +(\d+)$/mu)),
    type: one(/^ {2}Type: +(\w+)/mu) ?? '',
    machine: one(/^ {2}Machine: +(.*)$/mu) ?? '',
    flags: Number(one(/^ {2}Flags: +(0x[0-9a-f]+)/mu)),
    entry: one(/^ {2}Entry point address: +(0x[0-9a-f]+)$/mu) ?? '',
    interpreter: one(/^ {6}\[Requesting program interpreter: (.*)\]$/mu),
    loads: all(/^ {2}LOAD +(.*)$/gmu).map((line) => line.replaceAll(/ +/gu, ' ')),
    executableStack: stack === null ? null : stack.includes('E'),
    needed: dynamic('NEEDED', 'Shared library'),
    soname: dynamic('SONAME', 'Library soname').at(-1) ?? null,
    rpath: dynamic('RPATH', 'Library rpath').at(-1) ?? null,
    runpath: dynamic('RUNPATH', 'Library runpath').at(-1) ?? null,
    dtFlags: words(one(/^ 0x[0-9a-f]+ \(FLAGS\) +(.*)$/mu)),
    dtFlags1: words(one(/^ 0x[0-9a-f]+ \(FLAGS_1\) +Flags: (.*)$/mu)),
    bindNowTag: /^ 0x[0-9a-f]+ \(BIND_NOW\)/mu.test(text),
    versionNeeds: versionNeeds(text),
    versionDefinitions: versionDefinitions(text),
    buildId: one(/^ +Build ID: ([0-9a-f]*)/mu) ?? one(/\tBuild ID: ([0-9a-f]*)/mu) ?? one(/Build ID: ([0-9a-f]+)/u),
    abiTag: one(/OS: (\w+, ABI: [\d.]+)$/mu),
    isaNeeded: one(/x86 ISA needed: (.*)$/mu),
    isaUsed: one(/x86 ISA used: (.*)$/mu),
    symbols: symbols(text),
  };
}

function words(text: string | null): string[] {
  return text === null ? [] : text.trim().split(/\s+/u);
}

function sectionLines(text: string, title: string): string[] {
  const start = text.indexOf(title);
  if (start === -1) return [];
  const lines = text.slice(start).split('\n');
  const end = lines.indexOf('');
  return lines.slice(1, end === -1 ? undefined : end);
}

/** `libc.so.6: GLIBC_2.2.5 GLIBC_2.34*`, a star for a weak one. */
function versionNeeds(text: string): string[] {
  const needs: string[] = [];
  for (const line of sectionLines(text, 'Version needs section ')) {
    const file = /File: (.*) {2}Cnt: \d+$/u.exec(line)?.[1];
    if (file !== undefined) needs.push(`${file}:`);
    const version = /Name: (.*) {2}Flags: (.*) {2}Version: \d+$/u.exec(line);
    if (version !== null) needs.push(`${needs.pop() ?? ''} ${version[1] ?? ''}${isWeak(version[2]) ? '*' : ''}`);
  }
  return needs;
}

function isWeak(flags: string | undefined): boolean {
  return flags?.includes('WEAK') ?? false;
}

/** `GLIBC_2.2.5 base weak < GLIBC_2.0`. */
function versionDefinitions(text: string): string[] {
  const definitions: string[] = [];
  for (const line of sectionLines(text, 'Version definition section ')) {
    const definition = /Flags: (.*) {2}Index: \d+ {2}Cnt: \d+ {2}Name: (.*)$/u.exec(line);
    const [, flags = '', name = ''] = definition ?? [];
    if (definition !== null) {
      definitions.push(`${name}${flags.includes('BASE') ? ' base' : ''}${isWeak(flags) ? ' weak' : ''}`);
    }
    const parent = /Parent \d+: (.*)$/u.exec(line)?.[1];
    if (parent !== undefined) definitions.push(`${definitions.pop() ?? ''} < ${parent}`);
  }
  return definitions;
}

/** Machines print more of st_other in brackets: `[<localentry>: 8]`, `[VARIANT_PCS]`. */
const SYMBOL = /^ +(\d+): [0-9a-f]+ +\w+ (\w+ +\w+ +\w+) +(?:\[[^\]]*\] +)?(\w+)(?: \[[^\]]*\])? ?(.*)$/u;

/** `FUNC GLOBAL DEFAULT UND printf@GLIBC_2.2.5 (4)`; the number says that the version is a needed one. */
function symbols(report: string): string[] {
  const rows: string[] = [];
  let inside = false;
  for (const line of report.split('\n')) {
    if (line.startsWith('Symbol table ')) inside = line.startsWith("Symbol table '.dynsym'") || line.includes('image');
    // Files that are not of OS ABI GNU have GNU's extensions all the same, and readelf then gives numbers.
    const plain = line.replace(/([A-Z] +)<OS specific>: 10/u, '$1UNIQUE').replace('<OS specific>: 10', 'IFUNC');
    const row = inside ? SYMBOL.exec(plain) : null;
    if (row !== null && row[1] !== '0') rows.push(symbolRow(row.slice(2)));
  }
  return rows;
}

/** readelf names the symbol of a section after the section; in the file it has no name. */
function symbolRow([words = '', section = '', name = '']: readonly string[]): string {
  const text = words.startsWith('SECTION') ? '' : name;
  return `${words.replaceAll(/ +/gu, ' ')} ${section === 'UND' ? 'UND' : 'DEF'} ${text}`;
}
