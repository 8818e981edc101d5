import { expect, test } from 'vitest';
import { EMPTY_CONFIG, parseConfig, type ConfigFile } from '../../src/image/config.js';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

function parsed(document: unknown): ConfigFile {
  const result = parseConfig(Buffer.from(JSON.stringify(document)));
  if (!result.ok) throw new Error(result.error.path);
  return result.value;
}

test('a configuration says platform, start and history', () => {
  const file = parsed({
    os: 'windows',
    'os.version': '10.0.20348.2582',
    'os.features': ['win32k'],
    architecture: 'amd64',
    config: {
      Entrypoint: ['/entry.sh'],
      Cmd: ['node', 'x.js'],
      Env: ['PATH=/bin'],
      User: '1000:1000',
      WorkingDir: '/app',
      Shell: ['powershell', '-Command'],
      ArgsEscaped: true,
      ExposedPorts: { '80/tcp': {} },
      Volumes: { '/data': {} },
      Labels: { a: 'b' },
    },
    rootfs: { type: 'layers', diff_ids: [digest('1')] },
    history: [{ created_by: 'COPY x', empty_layer: false }, { created_by: 'CMD x', empty_layer: true }, {}],
  });
  expect(file).toEqual({
    platform: {
      os: 'windows',
      architecture: 'amd64',
      variant: null,
      osVersion: '10.0.20348.2582',
      osFeatures: ['win32k'],
    },
    config: {
      entrypoint: ['/entry.sh'],
      cmd: ['node', 'x.js'],
      env: ['PATH=/bin'],
      user: '1000:1000',
      workingDir: '/app',
      shell: ['powershell', '-Command'],
      argsEscaped: true,
      exposedPorts: ['80/tcp'],
      volumes: ['/data'],
      labels: { a: 'b' },
    },
    diffIds: [digest('1')],
    history: [
      { createdBy: 'COPY x', emptyLayer: false },
      { createdBy: 'CMD x', emptyLayer: true },
      { createdBy: null, emptyLayer: false },
    ],
  });
});

test('nulls and missing members are empty', () => {
  const nothing = { Entrypoint: null, Cmd: null, Env: null, Volumes: null, Labels: null, Shell: null };
  for (const document of [{}, { config: null, rootfs: null, history: null }, { config: nothing }]) {
    const file = parsed(document);
    expect(file.config).toEqual(EMPTY_CONFIG);
    expect(file.platform).toMatchObject({ os: 'linux', architecture: '' });
    expect([file.diffIds, file.history]).toEqual([[], []]);
  }
});

test('one word may be a plain string, and names may be in another case, as Go reads them', () => {
  expect(parsed({ config: { Entrypoint: '/run', cmd: ['x'] } }).config).toMatchObject({
    entrypoint: ['/run'],
    cmd: ['x'],
  });
  expect(parsed({ config: { Cmd: ['exact'], CMD: ['other'] } }).config.cmd).toEqual(['exact']);
});

test('a label named `__proto__` is a label', () => {
  const result = parseConfig(Buffer.from('{"config":{"Labels":{"__proto__":"x"}}}'));
  expect(result.ok && Object.entries(result.value.config.labels)).toEqual([['__proto__', 'x']]);
});

test.each<[unknown, string]>([
  [{ config: { Env: ['A=1', 2] } }, '$.config.Env[1]'],
  [{ config: { Entrypoint: [['x']] } }, '$.config.Entrypoint[0]'],
  [{ rootfs: { diff_ids: ['x'] } }, '$.rootfs.diff_ids[0]'],
  [{ history: [{ empty_layer: 'yes' }] }, '$.history[0].empty_layer'],
  [{ config: [] }, '$.config'],
])('%j is wrong at %s', (document, path) => {
  expect(parseConfig(Buffer.from(JSON.stringify(document)))).toMatchObject({ ok: false, error: { path } });
});
