/** `npm run build`, behind tsc: the code as a few files, the YAML of rules/ as JSON, and what oclif's help is made of. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core';
import { build, type Metafile } from 'esbuild';
import { builtInHosts, readRoutes, readRules } from './src/app/knowledge.js';
import { packRules } from './src/rules/compiled.js';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const DIST = join(ROOT, 'dist');

/** Loaded by name at run time: oclif's plugins and what oclif needs of a checkout by oclif itself, the others by one command. */
const EXTERNAL = ['@oclif/plugin-*', 'ora', 'elfy', 'pe-library', 'typescript', 'ts-node'];

/** CommonJS packages inside an ES module find their `require` and `__dirname` here. */
const COMMONJS = [
  "import { createRequire as createRequireOfModule } from 'node:module';",
  'const require = createRequireOfModule(import.meta.url);',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** Every entry stands two folders below the package, because its code finds the package from there. */
const ENTRIES = ['src/commands/main.ts', 'src/commands/index.ts', 'src/app/layer-worker.ts'];

async function bundle(): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...ENTRIES, ...['src/index.ts'].filter((path) => existsSync(join(ROOT, path)))],
    outbase: 'src',
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    external: EXTERNAL,
    banner: { js: COMMONJS },
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(DIST, 'THIRD-PARTY-LICENSES.txt'), licences(metafile));
  return Object.keys(metafile.outputs);
}

/** Licences of the packages of which code is in the bundle. */
function licences(metafile: Metafile): string {
  const packages = Object.keys(metafile.inputs).flatMap((path) => {
    const inside = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
    return inside === undefined ? [] : [inside];
  });
  const texts = [...new Set(packages)].sort().map((path) => {
    const name = path.replace(/^.*node_modules\//, '');
    const file = readdirSync(join(ROOT, path)).find((entry) => /^(?:licen[cs]e|copying)/i.test(entry));
    return `${name}\n\n${file === undefined ? 'see its package.json' : readFileSync(join(ROOT, path, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

async function data(): Promise<void> {
  const [rules, routes, hosts] = await Promise.all([readRules(null), readRoutes(), builtInHosts()]);
  mkdirSync(join(DIST, 'data'), { recursive: true });
  writeFileSync(join(DIST, 'data', 'rules.json'), packRules(rules));
  writeFileSync(join(DIST, 'data', 'routes.json'), JSON.stringify(routes));
  writeFileSync(join(DIST, 'data', 'hosts.json'), JSON.stringify(hosts));
}

/** Digests of the entry, which tells that the build is what runs, and of all code and knowledge, by which facts are kept. */
function analyser(outputs: readonly string[]): void {
  const hash = createHash('sha256');
  const knowledge = readdirSync(join(ROOT, 'rules', 'knowledge')).map((name) => join('rules', 'knowledge', name));
  for (const path of [...outputs, ...knowledge].sort()) hash.update(path).update(readFileSync(join(ROOT, path)));
  const program = createHash('sha256')
    .update(readFileSync(join(DIST, 'commands', 'main.js')))
    .digest('hex');
  writeFileSync(join(DIST, 'data', 'analyser.txt'), `${program}\n${hash.digest('hex')}\n`);
}

async function manifest(): Promise<void> {
  const plugin = new Plugin({ root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  writeFileSync(join(ROOT, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`);
}

const outputs = await bundle();
await data();
analyser(outputs);
await manifest();
process.stdout.write(`built ${relative(dirname(ROOT), DIST)}\n`);
