import { expect, test } from 'vitest';
import { windowsLayerPath, windowsPath } from '../../src/image/windows.js';

test.each([
  ['C:\\Windows\\System32', '/Windows/System32'],
  ['c:/Windows', '/Windows'],
  ['C:\\', '/'],
  ['C:', '/'],
  ['C:app', 'app'],
  ['\\\\?\\C:\\x', '/x'],
  ['\\\\.\\C:\\x', '/x'],
  ['\\??\\C:\\x', '/x'],
  ['app\\x.exe', 'app/x.exe'],
  ['\\x', '/x'],
  ['D:\\x', '/D:/x'],
  ['', ''],
])('%s is %s in the container', (written, path) => {
  expect(windowsPath(written)).toBe(path);
});

test.each([
  ['/Files', '/'],
  ['/Files/Windows', '/Windows'],
  ['/files/x', '/x'],
  ['/Filesystem', null],
  ['/Hives/System_Base', null],
  ['/UtilityVM/Files/x', null],
  ['/', null],
])('%s of a layer is %s', (written, path) => {
  expect(windowsLayerPath(written)).toBe(path);
});
