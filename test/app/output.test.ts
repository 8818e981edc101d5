import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deliver, targetsOf } from '../../src/app/output.js';
import { XosError } from '../../src/model/error.js';
import type { Report, Reporter, Style } from '../../src/model/report.js';

const plain: Reporter = { id: 'plain', summary: '', render: (report) => `${report.tool.version}\n` };
const coloured: Reporter = { id: 'coloured', summary: '', render: (_, style) => (style.colour ? 'red' : 'grey') };
const reporters = [plain, coloured];
const report: Report = { tool: { name: 'xoscheck', version: '1.2.3' }, results: [], notes: [] };
const style: Style = { colour: true, unicode: true, width: 80, verbose: false };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xoscheck-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('without --output the chosen format goes to stdout', () => {
  expect(deliver(report, targetsOf('plain', [], reporters), reporters, style)).toBe('1.2.3\n');
});

test('FORMAT=FILE writes that format, a file alone the chosen one, and stdout stays empty', () => {
  const [one, two] = [join(folder, 'one'), join(folder, 'a=b')];
  const targets = targetsOf('plain', [`coloured=${one}`, two], reporters);
  expect(deliver(report, targets, reporters, style)).toBe('');
  expect(readFileSync(one, 'utf8')).toBe('grey');
  expect(readFileSync(two, 'utf8')).toBe('1.2.3\n');
});

test('a file that cannot be written is an error of usage that names it', () => {
  const file = join(folder, 'no', 'such', 'folder');
  expect(() => deliver(report, [{ format: 'plain', file }], reporters, style)).toThrow(XosError);
  expect(existsSync(file)).toBe(false);
});

describe('a report that is written while another reads it', () => {
  const write = (file: string): string => deliver(report, [{ format: 'plain', file }], reporters, style);

  test('is the old one or the new one, never a part: a reader keeps the file that it opened', () => {
    const file = join(folder, 'report');
    writeFileSync(file, 'the whole old report');
    const open = openSync(file, 'r');
    write(file);
    const seen = Buffer.alloc(100);
    expect(seen.toString('utf8', 0, readSync(open, seen, 0, 100, 0))).toBe('the whole old report');
    expect(readFileSync(file, 'utf8')).toBe('1.2.3\n');
    expect(readdirSync(folder)).toEqual(['report']);
  });

  test('keeps permissions and links of the file that it replaces', () => {
    const [file, link] = [join(folder, 'report'), join(folder, 'link')];
    writeFileSync(file, '');
    chmodSync(file, 0o640);
    symlinkSync('report', link);
    write(link);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('1.2.3\n');
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  test('goes to a device as it is', () => {
    expect(write('/dev/null')).toBe('');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
