/** The scanner of strings as a program of its own: reads one file and says how many references are in it. */
import { fstatSync, openSync } from 'node:fs';
import { readKnowledge } from '../../src/app/knowledge-files.js';
import { descriptorView } from '../../src/source/file-view.js';
import { scanReferences } from '../../src/strings/scan.js';

const PART_BYTES = 16 * 1024 * 1024;

const [path = ''] = process.argv.slice(2);
const fd = openSync(path, 'r');
const { size } = fstatSync(fd);
const view = descriptorView(path, fd, size);
const knowledge = readKnowledge();
let found = 0;
for (let from = 0; from < size; from += PART_BYTES) {
  found += scanReferences(view, [{ from, to: Math.min(size, from + PART_BYTES) }], knowledge).length;
}
process.stdout.write(`${found} references in ${size} bytes\n`);
