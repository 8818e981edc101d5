import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BUILT_DATA, builtData } from '../../src/app/built-data.js';
import { builtInHosts, readHost, readRoutes, readRules } from '../../src/app/knowledge.js';
import { hostFiles, routeFiles, ruleFiles } from '../../src/app/package-files.js';
import { packRules } from '../../src/rules/compiled.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const built = (name: string): string => `${root}dist/data/${name}.json`;

/** True where `npm run build` ran after the last change of a YAML file. */
function isFresh(): boolean {
  if (!BUILT_DATA.every((name) => existsSync(built(name)))) return false;
  const files = [...ruleFiles(), ...routeFiles(), ...hostFiles()].map(({ path }) => statSync(root + path).mtimeMs);
  return BUILT_DATA.every((name) => statSync(built(name)).mtimeMs >= Math.max(...files));
}

test('code that runs from src reads the YAML files', () => {
  expect(BUILT_DATA.map(builtData)).toEqual([null, null, null]);
});

test.skipIf(!isFresh())('what the build wrote is what the YAML files say', async () => {
  const [rules, routes, hosts] = BUILT_DATA.map((name) => readFileSync(built(name), 'utf8'));
  expect(rules).toBe(packRules(await readRules(null)));
  expect(JSON.parse(routes ?? '')).toEqual(await readRoutes());
  expect(JSON.parse(hosts ?? '')).toEqual(await builtInHosts());
});

test('a profile is found by its id, which is the name of its file', async () => {
  const ids = (await builtInHosts()).map(({ id }) => id);
  expect(hostFiles().map(({ path }) => path)).toEqual(ids.map((id) => `rules/hosts/${id}.yaml`));
  expect((await readHost(ids[0] ?? '')).id).toBe(ids[0]);
});
