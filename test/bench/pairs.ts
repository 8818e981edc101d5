import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFiles, type BenchImage } from './images.js';
import { hasTool, type Command } from './measure.js';

/** Two commands that are run in turn, and how their times should stand to each other. */
export interface Pair {
  readonly group: string;
  readonly title: string;
  readonly ours: Command;
  readonly theirs: Command;
  /** Ours through theirs, of `by`; null: only shown. `more`: at least, not at most. `seconds`: ours less theirs. */
  readonly bar: { readonly value: number; readonly kind: 'ratio' | 'more' | 'seconds' } | null;
  readonly tools: readonly string[];
}

export interface Setting {
  readonly work: string;
  readonly node: string;
  /** The program: bin/run.js. */
  readonly program: string;
  readonly hasZstd: boolean;
}

const atMost = (value: number): Pair['bar'] => ({ value, kind: 'ratio' });

export function startPairs({ node, program }: Setting): readonly Pair[] {
  const theirs = { name: 'node -e 0', line: `${node} -e 0` };
  const run = (words: string): Command => ({ name: words, line: `${node} ${program} ${words}` });
  return [
    { group: 'start', title: '--version', ours: run('--version'), theirs, bar: atMost(2.2), tools: [] },
    { group: 'start', title: '--help', ours: run('--help'), theirs, bar: null, tools: [] },
    { group: 'start', title: 'rules', ours: run('rules'), theirs, bar: null, tools: [] },
  ];
}

export function imagePairs(image: BenchImage, setting: Setting): readonly Pair[] {
  const { form, layers, megabytes } = image;
  const size = `${megabytes} MB in ${layers === 1 ? 'one layer' : `${layers} layers`}`;
  const pair = (group: string, flags: string, theirs: Command, bar: Pair['bar'], ...tools: string[]): Pair => {
    const title = `${form} ${size}${flags === '' ? '' : ` ${flags}`}`;
    return { group, title, ours: check(image, setting, `--no-cache ${flags}`), theirs, bar, tools };
  };
  const blobs = image.blobs.map((blob) => `'${blob}'`).join(' ');
  switch (form) {
    case 'docker-save': {
      const bsdtar = { name: 'bsdtar -xOf', line: `bsdtar -xOf '${image.path}' > /dev/null` };
      return [
        pair('archive', '', bsdtar, atMost(1), 'bsdtar'),
        pair('archive', '--no-verify', bsdtar, atMost(0.3), 'bsdtar'),
        pair('archive', '', { name: 'sha256sum', line: `sha256sum '${image.path}'` }, null),
        cachePair(image, setting),
      ];
    }
    case 'oci-gzip': {
      const gzip = { name: 'gzip -dc', line: `gzip -dc ${blobs} > /dev/null` };
      return [
        pair('gzip', '', gzip, layers === 1 ? atMost(0.8) : layers >= 3 ? atMost(0.5) : null, 'gzip'),
        pair('gzip', '', { name: 'igzip -dc', line: each('igzip -dc', image) }, null, 'igzip'),
        cachePair(image, setting),
        ...(layers === 1 ? [shellPair(image, setting)] : []),
      ];
    }
    case 'oci-zstd': {
      const zstd = { name: 'zstd -dc', line: `zstd -dcq ${blobs} > /dev/null` };
      return [pair('zstd', '', zstd, atMost(setting.hasZstd ? 2 : 4), 'zstd')];
    }
  }
}

function check(image: BenchImage, { node, program }: Setting, flags: string): Command {
  return { name: 'xoscheck', line: `${node} ${program} check '${image.reference}' --host linux-amd64 ${flags}` };
}

function each(command: string, { blobs }: BenchImage): string {
  return blobs.map((blob) => `${command} '${blob}' > /dev/null`).join(' && ');
}

function cachePair(image: BenchImage, setting: Setting): Pair {
  const { name, line } = check(image, setting, '');
  return {
    group: 'cache',
    title: `${image.form} ${image.megabytes} MB, ${image.layers} layers, second run`,
    ours: { name, line: `XOSCHECK_CACHE_DIR='${join(setting.work, 'cache')}' ${line}` },
    theirs: { name: 'node -e 0', line: `${setting.node} -e 0` },
    bar: { value: 0.35, kind: 'seconds' },
    tools: [],
  };
}

/** What one does without the program: unpack, list what ELF files need, resolve it, look for strings. */
function shellPair(image: BenchImage, setting: Setting): Pair {
  const out = join(setting.work, 'unpacked');
  const root = join(out, 'rootfs');
  const literals = literalsFile(setting.work);
  return {
    group: 'shell',
    title: `${image.megabytes} MB: umoci unpack, scanelf, lddtree, rg`,
    ours: check(image, setting, '--no-cache'),
    theirs: {
      name: 'shell way',
      before: `rm -rf '${out}'`,
      line: [
        `umoci unpack --image '${image.path}:bench' '${out}'`,
        `scanelf -qyRF '%F %i %n' '${root}' > '${out}/needed'`,
        `find '${root}' -type f -perm -100 -path '*/bin/*' -exec sh -c 'lddtree -R "$0" "$@" ' '${root}' {} + > '${out}/trees' 2>&1 || true`,
        `rg -a -o -F -f '${literals}' '${root}' > '${out}/strings' || true`,
      ].join(' && '),
    },
    bar: { value: 5, kind: 'more' },
    tools: ['umoci', 'scanelf', 'lddtree', 'rg'],
  };
}

/** Paths that the program knows, one a line. */
function literalsFile(work: string): string {
  const path = join(work, 'literals.txt');
  const parsed: unknown = JSON.parse(
    readFileSync(new URL('../../rules/knowledge/linux-paths.json', import.meta.url), 'utf8'),
  );
  const text = JSON.stringify(parsed);
  const literals = [...text.matchAll(/"path":"([^"]+)"/g)].map((found) => found[1] ?? '');
  writeFileSync(path, `${literals.join('\n')}\n`);
  return path;
}

/** Everything that may hold strings, in one file: how fast it is searched. `scan` is the scanner as a program. */
export function scanPairs(image: BenchImage, setting: Setting, scan: string): readonly Pair[] {
  const bytes = image.blobs[0] ?? '';
  return [
    {
      group: 'scan',
      title: `strings of ${image.megabytes} MB, ASCII and UTF-16`,
      ours: { name: 'scanner', line: `${setting.node} '${scan}' '${bytes}'` },
      theirs: { name: 'rg -a -o -F', line: `rg -a -o -F -f '${literalsFile(setting.work)}' '${bytes}' | cat` },
      bar: atMost(1),
      tools: ['rg'],
    },
  ];
}

/** Ten times the work should take no more than ten times as long. */
export function scalePairs(setting: Setting): readonly Pair[] {
  const run = (layers: number, entries: number): Command => {
    const path = emptyFiles(layers, entries, setting.work);
    const name = `${layers} × ${entries}`;
    return { name, line: `${setting.node} ${setting.program} '${path}' --host linux-amd64 --no-cache` };
  };
  return [
    {
      group: 'scale',
      title: '10⁶ entries in one layer, to 10⁵',
      ours: run(1, 1_000_000),
      theirs: run(1, 100_000),
      bar: atMost(10),
      tools: [],
    },
    {
      group: 'scale',
      title: '500 layers, to 50',
      ours: run(500, 200),
      theirs: run(50, 200),
      bar: atMost(10),
      tools: [],
    },
  ];
}

export function missingTools({ tools }: Pair): readonly string[] {
  return tools.filter((tool) => !hasTool(tool));
}
