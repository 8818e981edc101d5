import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { images } from '../fixtures/images/make.js';

const FOLDER = new URL('../fixtures/images/', import.meta.url);

test.each([...images().keys()])('%s is what its script makes', (name) => {
  expect(Buffer.from(images().get(name) ?? []).equals(readFileSync(new URL(name, FOLDER)))).toBe(true);
});

test('every archive of the folder has its lines in the script', () => {
  const archives = readdirSync(FOLDER).filter((name) => name.endsWith('.tar'));
  expect(archives.sort()).toEqual([...images().keys()].sort());
});
