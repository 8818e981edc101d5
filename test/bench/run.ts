/** `npm run bench`: see README.md beside this file. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { imagesOf } from './images.js';
import { hasTool, measure, type Measured } from './measure.js';
import { imagePairs, missingTools, scalePairs, scanPairs, startPairs, type Pair, type Setting } from './pairs.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '5,100,500,2000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'start,archive,gzip,zstd,cache,shell,scan,scale' },
    work: { type: 'string', default: join(tmpdir(), 'xoscheck-bench') },
    node: { type: 'string', default: process.execPath },
    short: { type: 'boolean', default: false },
  },
});
const sizes = (values.short ? '5,100' : values.sizes).split(',').map(Number);
const rounds = values.short ? 3 : Number(values.rounds);
const groups = new Set(values.only.split(','));

function settingOf(): Setting {
  const probe = "process.stdout.write(String(typeof require('node:zlib').createZstdDecompress))";
  const hasZstd = execFileSync(values.node, ['-e', probe], { encoding: 'utf8' }) === 'function';
  return { work: values.work, node: values.node, program: join(ROOT, 'bin', 'run.js'), hasZstd };
}

async function scanner(work: string): Promise<string> {
  // Two folders down, where its code finds rules/ as the program's does.
  const outfile = join(ROOT, 'dist', 'bench', 'scan.js');
  await build({
    entryPoints: [fileURLToPath(new URL('./scan.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    absWorkingDir: work,
    logLevel: 'error',
  });
  return outfile;
}

async function pairsOf(setting: Setting): Promise<readonly Pair[]> {
  const images = sizes.flatMap((size) => imagesOf(size, setting.work));
  const scan = await scanner(setting.work);
  const scanned = images.filter(({ form, layers }) => form === 'docker-save' && layers === 1);
  const scale = groups.has('scale') ? scalePairs(setting) : [];
  return [
    ...startPairs(setting),
    ...images.flatMap((image) => imagePairs(image, setting)),
    ...scanned.flatMap((image) => scanPairs(image, setting, scan)),
    ...scale,
  ].filter(({ group }) => groups.has(group));
}

const columns = [58, 10, 14, 8, 8, 8, 8, 8, 8, 9, 9] as const;

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index < 1 ? cell.padEnd(columns[index] ?? 0) : cell.padStart(columns[index] ?? 0)))
    .join(' ');
}

/** The number that the bar is about. */
function valueOf(kind: 'ratio' | 'more' | 'seconds', mine: Measured, other: Measured): number {
  switch (kind) {
    case 'ratio':
      return mine.wall / other.wall;
    case 'more':
      return other.wall / mine.wall;
    case 'seconds':
      return mine.wall - other.wall;
  }
}

const SIGN = { ratio: '≤ ', more: '≥ ', seconds: '≤ ' } as const;

function line({ title, ours, theirs, bar }: Pair, mine: Measured, other: Measured): string {
  const kind = bar?.kind ?? 'ratio';
  const value = valueOf(kind, mine, other);
  const misses = bar !== null && (kind === 'more' ? value < bar.value : value > bar.value);
  return row([
    title,
    ours.name.slice(0, 10),
    theirs.name,
    mine.wall.toFixed(3),
    other.wall.toFixed(3),
    mine.cpu.toFixed(2),
    other.cpu.toFixed(2),
    (mine.cpu / other.cpu).toFixed(2),
    `${(mine.peak / 1e6).toFixed(0)} MB`,
    `${value.toFixed(2)}${kind === 'seconds' ? ' s' : ' ×'}`,
    bar === null ? '' : `${SIGN[kind]}${bar.value}${misses ? ' !' : ''}`,
  ]);
}

mkdirSync(values.work, { recursive: true });
if (!hasTool('time')) throw new Error('GNU time is needed: apt-get install time');
const setting = settingOf();
const pairs = await pairsOf(setting);
const version = execFileSync(values.node, ['--version'], { encoding: 'utf8' }).trim();
process.stdout.write(`Node ${version}, ${rounds} rounds, medians; ! misses its bar\n\n`);
process.stdout.write(
  `${row(['', 'ours', 'theirs', 'ours s', 'theirs', 'our cpu', 'theirs', '×', 'peak', 'value', 'bar'])}\n`,
);
for (const pair of pairs) {
  const missing = missingTools(pair);
  if (missing.length > 0) {
    process.stdout.write(`${pair.title}: left out, ${missing.join(', ')} not found\n`);
    continue;
  }
  const [mine, other] = measure([pair.ours, pair.theirs], rounds, setting.work);
  if (mine !== undefined && other !== undefined) process.stdout.write(`${line(pair, mine, other)}\n`);
}
