import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
