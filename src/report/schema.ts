/** JSON Schema (draft 2020-12) of the report; every golden document is checked against it. */
const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const flag = { type: 'boolean' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const layerIndex = { type: ['integer', 'null'], minimum: 0 } as const;
const texts = { type: 'array', items: text } as const;

/** An object whose listed properties are all there; further ones may come with later versions of the tool. */
function record(properties: Record<string, object>): object {
  return { type: 'object', required: Object.keys(properties), properties };
}

function list(items: object): object {
  return { type: 'array', items };
}

const oneOf = (...values: readonly string[]): object => ({ enum: values });
const routeId = oneOf('native', 'qemu-user', 'rosetta', 'wsl2', 'hyper-v', 'linux-vm', 'windows-vm', 'wine');
const severity = oneOf('blocker', 'error', 'warning', 'info');

const platform = record({
  os: text,
  architecture: text,
  variant: textOrNull,
  osVersion: textOrNull,
  osFeatures: texts,
});

const image = record({
  reference: text,
  format: oneOf('docker-archive', 'oci-layout', 'oci-archive', 'dir', 'rootfs', 'file', 'registry', 'daemon'),
  digest: { type: ['string', 'null'], pattern: '^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$' },
  names: texts,
  platform,
  config: record({ entrypoint: texts, cmd: texts, env: texts, user: text, workingDir: text }),
  layers: list(record({ digest: textOrNull, diffId: textOrNull, mediaType: text, size: count, createdBy: textOrNull })),
});

const verdict = record({
  outcome: oneOf('runs', 'runs-with-warnings', 'needs-emulation', 'needs-vm', 'blocked', 'unknown'),
  via: { anyOf: [routeId, { type: 'null' }] },
  ready: flag,
  summary: text,
  routes: list(
    record({
      via: routeId,
      title: text,
      works: { type: ['boolean', 'null'] },
      ready: flag,
      requires: list(record({ text, met: { type: ['boolean', 'null'] }, remedy: textOrNull })),
      blockedBy: texts,
    }),
  ),
});

const program = record({
  executedAs: oneOf('entrypoint', 'shell', 'shebang', 'interpreter', 'wrapped', 'command'),
  from: { type: ['integer', 'null'], minimum: 0 },
  certainty: oneOf('certain', 'likely'),
  requested: text,
  argv: texts,
  path: textOrNull,
  layer: layerIndex,
  format: oneOf('elf', 'pe', 'mach-o', 'script', 'empty', 'text', 'other', 'damaged', 'unknown'),
  deniedAt: textOrNull,
  interpreter: textOrNull,
  loader: textOrNull,
  libraries: texts,
  missing: texts,
});

const entrypoint = {
  anyOf: [
    { type: 'null' },
    record({
      argv: texts,
      form: oneOf('exec', 'shell', 'none'),
      resolvedPath: textOrNull,
      chain: list(program),
      files: list(record({ runtime: text, requested: text, path: textOrNull, certainty: text })),
      notFollowed: list(record({ path: text, text })),
    }),
  ],
};

const binary = record({
  path: text,
  layer: count,
  format: oneOf('elf', 'pe', 'mach-o'),
  machine: text,
  bits: { enum: [32, 64] },
  endianness: oneOf('little', 'big'),
  kind: text,
  interpreter: textOrNull,
  soname: textOrNull,
  needed: texts,
  missing: texts,
  runpath: texts,
  rpath: texts,
  symbolVersions: { type: 'object', additionalProperties: texts },
  reachable: flag,
  reach: oneOf('start', 'later', 'present'),
});

const finding = record({
  ruleId: text,
  severity,
  confidence: oneOf('certain', 'likely', 'hint'),
  certain: flag,
  routes: list(routeId),
  title: text,
  message: text,
  consequence: textOrNull,
  path: textOrNull,
  layer: layerIndex,
  evidence: list(record({ kind: text, path: textOrNull, layer: layerIndex, offset: layerIndex })),
  remedies: list(record({ id: text, where: oneOf('image', 'host'), effort: text, text, command: textOrNull })),
  references: list(record({ title: text, url: text })),
});

const kernelNeeds = {
  anyOf: [
    { type: 'null' },
    record({
      minimum: textOrNull,
      setBy: {
        anyOf: [
          { type: 'null' },
          record({
            kind: oneOf('system-call', 'abi-note', 'runtime'),
            name: text,
            version: text,
            path: textOrNull,
            offset: layerIndex,
          }),
        ],
      },
      systemCalls: list(
        record({
          name: text,
          number: count,
          use: oneOf('needed', 'fallback', 'unknown'),
          since: textOrNull,
          paths: texts,
          sites: list(record({ path: text, offset: count, function: textOrNull })),
        }),
      ),
      complete: flag,
      notFollowed: list(record({ path: text, text })),
    }),
  ],
};

const result = record({
  image,
  host: {
    type: 'object',
    required: ['id', 'title', 'os', 'architecture', 'kernel'],
    properties: { id: text, title: text, os: text, architecture: text, kernel: { type: ['object', 'null'] } },
  },
  verdict,
  requirements: list(record({ text, ruleId: text, kind: text, path: textOrNull, layer: layerIndex })),
  kernelNeeds,
  entrypoint,
  binaries: list(binary),
  findings: list(finding),
  gaps: list(record({ path: text, layer: layerIndex, part: text, offset: count, text })),
  statistics: record({
    layers: count,
    entries: count,
    binaries: count,
    bytesRead: count,
    bytesScanned: count,
    elapsedMs: { type: 'number', minimum: 0 },
    cacheHits: count,
  }),
});

export const reportSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:xoscheck:report:1',
  title: 'Report of xoscheck',
  ...record({
    schemaVersion: { const: '1' },
    tool: record({ name: text, version: text }),
    notes: texts,
    results: list(result),
  }),
} as const;
