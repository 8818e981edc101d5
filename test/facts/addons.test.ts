import { describe, expect, test } from 'vitest';
import { collectBinaries } from '../../src/facts/binary-facts.js';
import { nodeAddon } from '../../src/facts/node-addons.js';
import { pythonExtension } from '../../src/facts/python-extensions.js';
import type { RootfsSpec } from '../support/rootfs-builder.js';
import { analysis, binaryContent, elfBinary, machoBinary } from '../support/analysis-builder.js';

const glibcAddon = { content: binaryContent(elfBinary({ kind: 'shared-object', needed: ['libc.so.6'] })) };
const macAddon = { content: binaryContent(machoBinary()) };
const node = { '/usr/bin/node': { content: binaryContent(elfBinary()) } };
const glibc = { '/lib64/ld-linux-x86-64.so.2': {} };
const musl = { '/lib/ld-musl-x86_64.so.1': {} };

function addonAt(path: string, files: RootfsSpec): unknown {
  const subjects = collectBinaries(
    analysis({ files: { ...node, ...files }, programs: [{ requested: '/usr/bin/node' }] }),
  );
  return subjects.find((each) => each.path === path)?.facts['addon'];
}

describe('names of packages', () => {
  test.each([
    ['/app/node_modules/@esbuild/linux-x64/bin/esbuild', '@esbuild/', 'linux-x64', null],
    [
      '/app/node_modules/@img/sharp-linuxmusl-arm64/lib/sharp-linuxmusl-arm64.node',
      '@img/sharp',
      'linuxmusl-arm64',
      'musl',
    ],
    [
      '/n/node_modules/@rollup/rollup-linux-x64-gnu/rollup.linux-x64-gnu.node',
      '@rollup/rollup',
      'linux-x64-gnu',
      'glibc',
    ],
    ['/n/node_modules/bufferutil/prebuilds/darwin-x64/node.napi.node', 'bufferutil', 'darwin-x64', null],
    ['/n/node_modules/bcrypt/build/Release/bcrypt_lib.node', 'bcrypt', null, null],
  ])('%s', (path, family, platform, libc) => {
    expect(nodeAddon(path)).toMatchObject({ family: `node ${family}`, platform, libc });
  });

  test('a library in an ordinary package is no addon, nor is what lies outside', () => {
    expect(nodeAddon('/app/node_modules/x/lib/y.so')).toBeNull();
    expect(nodeAddon('/app/y.node')).toBeNull();
  });

  test.each([
    ['/v/site-packages/numpy/_c.cpython-312-x86_64-linux-gnu.so', '3.12', 'x86_64-linux-gnu', 'glibc', 'numpy'],
    ['/v/site-packages/a/_c.cpython-39-aarch64-linux-musl.so', '3.9', 'aarch64-linux-musl', 'musl', 'a'],
    ['/v/site-packages/a/_c.cpython-313t-darwin.so', '3.13', 'darwin', null, 'a'],
    ['/v/_c.cp311-win_amd64.pyd', '3.11', 'win_amd64', null, '_c'],
  ])('%s', (path, interpreter, platform, libc, name) => {
    expect(pythonExtension(path)).toMatchObject({ interpreter, platform, libc, package: name });
  });

  test('a module for the stable ABI says no version, so it is not judged by its name', () => {
    expect(pythonExtension('/v/_c.abi3.so')).toBeNull();
  });
});

describe('whether a native part fits', () => {
  const mac = '/app/node_modules/@esbuild/darwin-arm64/bin/esbuild';
  const linux = '/app/node_modules/@esbuild/linux-x64/bin/esbuild';

  test('a build for macOS alone does not', () => {
    expect(addonAt(mac, { ...glibc, [mac]: macAddon })).toMatchObject({ fits: false, 'sibling-fits': false });
  });

  test('it does no harm beside the right one, as optional dependencies are installed', () => {
    const both = { ...glibc, [mac]: macAddon, [linux]: glibcAddon };
    expect(addonAt(mac, both)).toMatchObject({ fits: false, 'sibling-fits': true });
    expect(addonAt(linux, both)).toMatchObject({ fits: true, 'sibling-fits': true });
  });

  test('a build for glibc does not fit an image of musl', () => {
    const path = '/app/node_modules/sharp/build/Release/sharp.node';
    expect(addonAt(path, { ...musl, [path]: glibcAddon })).toMatchObject({ fits: false });
    expect(addonAt(path, { ...glibc, [path]: glibcAddon })).toMatchObject({ fits: true });
  });

  test('a build in WebAssembly stands for all', () => {
    const path = '/app/node_modules/@img/sharp-darwin-arm64/lib/sharp.node';
    const files = { ...glibc, [path]: macAddon, '/app/node_modules/@img/sharp-wasm32/lib/sharp.wasm': {} };
    expect(addonAt(path, files)).toMatchObject({ fits: false, 'portable-fallback': true });
  });

  test('an extension for another Python does not fit, unless that Python is there', () => {
    const path = '/usr/lib/python3/dist-packages/m/_x.cpython-311-x86_64-linux-gnu.so';
    const files = { ...glibc, [path]: glibcAddon };
    expect(addonAt(path, { ...files, '/usr/bin/python3.12': {} })).toMatchObject({ fits: false });
    expect(addonAt(path, { ...files, '/usr/bin/python3.11': {} })).toMatchObject({ fits: true });
  });
});

test('what Node may load counts as loaded later where the image starts Node', () => {
  const path = '/app/node_modules/bcrypt/build/Release/bcrypt_lib.node';
  const files = { ...node, ...glibc, [path]: macAddon };
  const reachIn = (requested: string): unknown =>
    collectBinaries(analysis({ files, programs: [{ requested }] })).find((each) => each.path === path)?.reach;
  expect(reachIn('/usr/bin/node')).toBe('later');
  expect(reachIn('/bin/sh')).toBe('present');
});
