import { expect, test } from 'vitest';
import { parsePlatform } from '../../src/app/platform-selector.js';
import { XosError } from '../../src/model/error.js';

test.each([
  ['linux/arm64', { os: 'linux', architecture: 'arm64', variant: null, osVersion: null }],
  ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7', osVersion: null }],
  ['windows/amd64:10.0.20348', { os: 'windows', architecture: 'amd64', variant: null, osVersion: '10.0.20348' }],
])('%s', (text, expected) => {
  expect(parsePlatform(text)).toEqual(expected);
});

test.each(['linux', 'linux/', '/amd64', 'linux/amd64/v1/x', 'a b/c', ''])('`%s` is no platform', (text) => {
  expect(() => parsePlatform(text)).toThrow(XosError);
});
