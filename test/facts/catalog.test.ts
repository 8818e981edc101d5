import { expect, test } from 'vitest';
import { catalog } from '../../src/facts/catalog.js';
import type { FactEntry } from '../../src/facts/catalog-types.js';
import { collectFacts } from '../../src/facts/collect.js';
import { guestFacts } from '../../src/facts/guest-facts.js';
import type { Reference } from '../../src/model/reference.js';
import type { FactTree, FactValue } from '../../src/model/rule.js';
import {
  analysis,
  binaryContent,
  closure,
  elfBinary,
  machoBinary,
  peBinary,
  resolution,
} from '../support/analysis-builder.js';
import { textContent } from '../support/rootfs-builder.js';

/** Where a value is not as the catalog declares it. */
function problems(value: FactValue | undefined, path: string): readonly string[] {
  const entry = catalog.byPath.get(path);
  if (entry === undefined) return [`${path} is not declared`];
  if (value === undefined || value === null) return [];
  if (entry.type === 'record') return isTree(value) ? treeProblems(value, path) : [`${path} is no record`];
  if (entry.type === 'flags') return isTree(value) ? [] : [`${path} is no map of flags`];
  if (!entry.type.endsWith('-list')) return scalarProblems(value, entry, entry.type);
  if (!isList(value)) return [`${path} is no list`];
  if (entry.type !== 'record-list') {
    return value.flatMap((element) => scalarProblems(element, entry, entry.type.slice(0, -'-list'.length)));
  }
  return value.flatMap((element) =>
    isTree(element) ? treeProblems(element, `${path}[]`) : [`${path} has no records`],
  );
}

function treeProblems(tree: FactTree, prefix: string): readonly string[] {
  return Object.entries(tree).flatMap(([key, value]) => problems(value, `${prefix}.${key}`));
}

function scalarProblems(value: FactValue, entry: FactEntry, type: string): readonly string[] {
  const wanted = { string: 'string', version: 'string', integer: 'number', boolean: 'boolean' }[type];
  if (typeof value !== wanted) return [`${entry.path} is ${typeof value}, not ${type}`];
  const outside = typeof value === 'string' && entry.values?.includes(value) === false;
  return outside ? [`${entry.path} is \`${value}\`, which is none of its values`] : [];
}

function isTree(value: FactValue): value is FactTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: FactValue): value is readonly FactValue[] {
  return Array.isArray(value);
}

const reference: Reference = {
  kind: 'device',
  value: '/dev/kvm',
  class: 'needs-device',
  offset: 12,
  encoding: 'ascii',
  library: null,
};

const clr = {
  metadataVersion: 'v4.0.30319',
  ilOnly: true,
  requires32Bit: false,
  prefers32Bit: false,
  anyCpu: true,
  targetFramework: '.NETCoreApp,Version=v8.0',
  pinvokeModules: ['kernel32.dll', 'libc'],
};

const libc = elfBinary({ kind: 'shared-object', soname: 'libc.so.6', versionDefinitions: [definition('GLIBC_2.36')] });

function definition(name: string): ReturnType<typeof elfBinary>['versionDefinitions'][number] {
  return { name, base: false, weak: false, parents: [] };
}

const app = elfBinary({
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  needed: ['libc.so.6'],
  abiTag: { os: 'Linux', kernel: '3.2.0' },
  x86IsaNeeded: 2,
  go: { version: 'go1.21.4', module: null, settings: { GOAMD64: 'v3', CGO_ENABLED: '1' } },
  rust: { version: null },
  arm: { cpuArch: 'v7', cpuProfile: 'A', fpArch: null, hardFloat: true, simd: false, cpuName: null },
  loadSegments: [
    {
      index: 1,
      offset: 0,
      vaddr: elfBinary().entry,
      fileSize: 100,
      memorySize: 100,
      alignBytes: 4096,
      readable: true,
      writable: false,
      executable: true,
    },
  ],
});

const absent = { found: false, reason: 'absent', at: '/srv', links: [], hiddenBy: null } as const;

const linux = analysis({
  files: {
    '/app': { size: 50, content: binaryContent(app) },
    '/run.sh': { content: textContent('#!/bin/sh -e\r\n', 'script-crlf') },
    '/lib/libc.so.6': { content: binaryContent(libc) },
    '/lib64/ld-linux-x86-64.so.2': { content: binaryContent(elfBinary({ kind: 'shared-object' })) },
    '/etc/os-release': { content: textContent('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian"\n', 'text') },
    '/app.exe': { content: binaryContent(peBinary({ clr })) },
    '/node_modules/@x/y-darwin-arm64/y.node': { content: binaryContent(machoBinary()) },
    '/usr/lib/python3/dist-packages/m/_x.cpython-311-x86_64-linux-gnu.so': { content: binaryContent(elfBinary()) },
  },
  image: {
    indexPlatform: { os: 'linux', architecture: 'arm64', variant: 'v8', osVersion: null, osFeatures: [] },
    config: { workingDir: '/srv', user: 'app' },
  },
  start: {
    environment: { LD_PRELOAD: '/x.so y.so' },
    user: { written: 'app', uid: null, gids: [] },
    workingDir: absent,
    files: [{ runtime: 'node', from: 0, requested: 'a.js', lookup: absent, certainty: 'certain' }],
  },
  programs: [
    {
      requested: '/run.sh',
      shebang: { interpreter: '/bin/sh', argument: '-e\r', carriageReturn: true, tooLong: false },
    },
    {
      requested: '/app',
      executedAs: 'wrapped',
      from: 0,
      interpreter: { path: '/lib64/ld-linux-x86-64.so.2', lookup: absent },
      closure: closure('glibc', [
        {
          path: '/app',
          needed: [
            resolution('libc.so.6', { trail: [{ lookedIn: 'default', directory: '/lib', saw: 'wrong-machine' }] }),
          ],
          missingVersions: [
            { provider: 'libc.so.6', providerPath: '/lib/libc.so.6', version: 'GLIBC_2.38', weak: false },
          ],
          missingSymbols: [
            { name: 'f', version: 'V_1', provider: 'libf.so', providerPath: '/lib/libf.so', when: 'start' },
          ],
        },
      ]),
      namedAt: { path: '/run.sh', offset: 4, text: 'exec /app' },
    },
    { requested: '/missing', executedAs: 'command', from: 0 },
  ],
  references: (rootfs) => {
    const entry = rootfs.entry('/app');
    return entry === null ? [] : [{ entry, reach: 'start', reference }];
  },
  gaps: [
    { path: '/app', layer: 0, part: 'dynamic section', error: { kind: 'truncated', at: 1, needed: 2, available: 1 } },
  ],
});

const windows = analysis({
  image: { platform: { os: 'windows', osVersion: '10.0.20348.2582' } },
  files: { '/app.exe': { content: binaryContent(peBinary()) }, '/Windows/System32/ntdll.dll': {} },
  programs: [{ requested: '/app.exe', format: 'pe' }],
});

test.each([
  ['Linux', linux],
  ['Windows', windows],
])('every fact of a %s image is declared, with its type and its words', (_, from) => {
  const facts = collectFacts(from);
  const found = [
    ...treeProblems(facts.image, 'image'),
    ...facts.programs.flatMap((subject) => treeProblems(subject.facts, 'program')),
    ...facts.binaries.flatMap((subject) => treeProblems(subject.facts, 'binary')),
    ...facts.references.flatMap((subject) => treeProblems(subject.facts, 'reference')),
  ];
  expect(found).toEqual([]);
});

test('every fact of a guest is declared, with its type and its words', () => {
  const guest = guestFacts({
    name: 'x',
    os: 'windows',
    platform: 'windows/amd64',
    kernel: { name: 'nt', release: '10.0.20348.2582' },
    machines: ['x86_64'],
    cpu: { x86Level: 3, armVersion: 8, features: ['avx'] },
    pageSizeBytes: 4096,
    cgroup: null,
    features: { overlayfs: true },
    devices: { '/dev/kvm': false },
    engine: { name: 'docker', version: '24.0.7', containers: 'windows', runtime: 'runc' },
    windows: { build: 20348, revision: 1, kind: 'server', edition: 'x', isolation: 'process', systemDlls: ['A.dll'] },
    limits: ['ptrace'],
  });
  expect(treeProblems(guest, 'guest')).toEqual([]);
});

test('every declared fact of the image and of binaries is collected for some image', () => {
  const collected = new Set<string>();
  const walk = (value: FactValue | undefined, path: string): void => {
    collected.add(path);
    if (value === undefined || value === null || typeof value !== 'object') return;
    if (isList(value)) for (const element of value) walk(element, `${path}[]`);
    else if (isTree(value)) for (const [key, below] of Object.entries(value)) walk(below, `${path}.${key}`);
  };
  for (const from of [linux, windows]) {
    const facts = collectFacts(from);
    walk(facts.image, 'image');
    for (const subject of facts.programs) walk(subject.facts, 'program');
    for (const subject of facts.binaries) walk(subject.facts, 'binary');
    for (const subject of facts.references) walk(subject.facts, 'reference');
  }
  const missing = catalog.entries.filter(({ path }) => !path.startsWith('guest.') && !collected.has(path));
  expect(missing.map(({ path }) => path)).toEqual([]);
});
