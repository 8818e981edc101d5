import { describe, expect, test } from 'vitest';
import type { Platform } from '../../src/model/image.js';
import { describePlatform, distance } from '../../src/source/platform.js';

function platform(text: string): Platform {
  const [place = '', osVersion] = text.split('@');
  const [os = '', architecture = '', variant] = place.split('/');
  return { os, architecture, variant: variant ?? null, osVersion: osVersion ?? null, osFeatures: [] };
}

describe('distance between what an image is and what is wanted', () => {
  test.each([
    ['linux/amd64', 'linux/amd64', 0],
    ['linux/arm64', 'linux/arm64/v8', 0],
    ['linux/arm64/v8', 'linux/arm64', 0],
    ['linux/amd64/v1', 'linux/amd64', 0],
    ['linux/amd64', 'linux/x86_64', 0],
    ['linux/arm64', 'linux/aarch64', 0],
    ['linux/arm/v7', 'linux/arm', 0],
    ['linux/arm/v7', 'linux/arm/v7', 0],
    ['linux/arm/v6', 'linux/arm/v7', 1],
    ['linux/arm/v5', 'linux/arm/v7', 2],
    ['linux/arm/v7', 'linux/arm/v6', null],
    ['linux/amd64/v3', 'linux/amd64', null],
    ['linux/amd64/v2', 'linux/amd64/v3', 1],
    ['linux/arm/v7', 'linux/arm64', null],
    ['windows/amd64', 'linux/amd64', null],
    ['windows/amd64@10.0.20348.2582', 'windows/amd64@10.0.20348', 0],
    ['windows/amd64@10.0.203480.1', 'windows/amd64@10.0.20348', null],
    ['windows/amd64', 'windows/amd64@10.0.20348', null],
    ['windows/amd64@10.0.20348.2582', 'windows/amd64', 0],
  ])('%s for %s is %s', (image, wanted, expected) => {
    expect(distance(platform(image), platform(wanted))).toBe(expected);
  });
});

test('a platform is written as the option takes it', () => {
  expect(describePlatform(platform('linux/arm/v7'))).toBe('linux/arm/v7');
  expect(describePlatform(platform('windows/amd64@10.0.20348.1'))).toBe('windows/amd64:10.0.20348.1');
});
