import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { pairs } from './pairs/cases/index.js';
import { knownDisagreements } from './pairs/known.js';
import { deciding, runPair, type PairResult } from './pairs/run-pair.js';
import { readPart, replacePart, table } from './pairs/table.js';

/**
 * Every pair of an image and a program is executed (chroot in namespaces, emulators of qemu-user for other machines),
 * and the verdict on this very machine must say the same and name the same culprit. Needs root, overlayfs, debootstrap,
 * gcc, musl-tools, qemu-user-static; see docs/accuracy.md, which UPDATE=1 writes.
 */
const DOCUMENT = new URL('../../docs/accuracy.md', import.meta.url);

const results: PairResult[] = [];

describe('the verdict is what execution says', () => {
  test.each(pairs.map((pair, number) => [pair.name, pair, number] as const))('%s', async (name, pair, number) => {
    const result = await runPair(pair, number);
    results.push(result);
    if (knownDisagreements[name] === undefined) expect(result.disagreements).toEqual([]);
    else expect(result.disagreements, 'it agrees now: take it off the list').not.toEqual([]);
  });

  test('names of pairs are unique, and every known disagreement is one of them', () => {
    const names = pairs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(Object.keys(knownDisagreements)));
  });

  test('docs/accuracy.md shows these results', () => {
    if (results.length < pairs.length) return;
    const document = readFileSync(DOCUMENT, 'utf8');
    if (process.env['UPDATE'] === '1') {
      const counted = replacePart(document, 'pairs-counts', counts());
      writeFileSync(DOCUMENT, replacePart(counted, 'pairs', resultTable()));
      return;
    }
    expect(readPart(document, 'pairs')).toBe(resultTable());
    expect(readPart(document, 'pairs-counts')).toBe(counts());
  });
});

afterAll(() => {
  console.log(counts().replaceAll(/[*\n]+/g, ' '));
});

function counts(): string {
  const healthy = results.filter((each) => deciding(each.native, each.emulated).kind === 'starts').length;
  const agreeing = results.filter(({ disagreements }) => disagreements.length === 0).length;
  return `**${results.length} pairs executed: ${healthy} start, ${results.length - healthy} do not. The verdict agrees on ${agreeing}.**`;
}

function resultTable(): string {
  const rows = results.map((each) => {
    const { pair, native, emulated, result, rule, culprits } = each;
    const end = deciding(native, emulated);
    const how = end === native ? '' : ', emulated';
    const agrees = each.disagreements.length === 0 ? 'yes' : `no: ${knownDisagreements[pair.name] ?? ''}`;
    const named = culprits.length === 0 ? '' : `${culprits.map((name) => `\`${name}\``).join(', ')} (${rule})`;
    return [
      pair.name,
      pair.cause,
      `${WORDS[end.kind] ?? end.kind}${how}`,
      result.judged.verdict.outcome,
      named,
      agrees,
    ];
  });
  return table(['image and program', 'about', 'execution', 'verdict', 'culprit (rule)', 'agrees'], rows);
}

/** What the kinds of an execution are called in the table. */
const WORDS: Readonly<Record<string, string>> = {
  starts: 'starts',
  loader: 'loader gives up',
  program: 'a program on the way gives up',
  user: 'no such user',
  group: 'no such group',
};
