import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostProfile } from '../../src/host/profile-shape.js';
import { fits, isTree, toCamel } from '../../src/host/shape.js';
import { loadRoutes } from '../../src/route/parse.js';
import { routesFor } from '../../src/route/routes.js';
import { standingOf } from '../../src/route/standing.js';
import type { RouteCase, RouteDefinition } from '../../src/route/definition.js';
import type { RouteImage } from '../../src/route/pair.js';
import type { HostProfile } from '../../src/model/host.js';

const folder = new URL('../../rules/routes/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ path: name, text: readFileSync(new URL(name, folder), 'utf8') }));
const loaded = loadRoutes(files);
const routes: readonly RouteDefinition[] = loaded.ok ? loaded.value : [];

function imageOf(item: RouteCase): RouteImage {
  const image = { variant: null, osVersion: null, machine: null, ...camel(item.image) };
  return image as unknown as RouteImage;
}

function hostOf(item: RouteCase): HostProfile {
  const given = {
    id: 'case',
    title: 'case',
    stated: { by: 'hand', date: '2026-11-24' },
    sources: [],
    ...camel(item.host),
  };
  if (!fits<HostProfile>(given, hostProfile)) throw new Error(`case "${item.name}": no host: ${JSON.stringify(given)}`);
  return given;
}

/** Keys in camelCase, but not those of free maps. */
function camel(value: unknown): Record<string, unknown> {
  const fold = (part: unknown, free: boolean): unknown => {
    if (Array.isArray(part)) return part.map((element) => fold(element, false));
    if (!isTree(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, element]) => [
        free ? key : toCamel(key),
        fold(element, ['features', 'devices', 'sysctls'].includes(key)),
      ]),
    );
  };
  return fold(value, false) as Record<string, unknown>;
}

test('every route file loads', () => {
  expect(loaded).toMatchObject({ ok: true });
  expect(routes.map((route) => `${route.id}.yaml`).sort()).toEqual(files.map((file) => file.path).sort());
});

describe.each(routes)('route $id', (definition) => {
  test.each(definition.cases)('$name', (item) => {
    const route = routesFor(imageOf(item), hostOf(item), [definition])[0];
    if (item.expect === 'none') {
      expect(route).toBeUndefined();
      return;
    }
    const standing = standingOf(route?.requires ?? []);
    expect(route?.requires).toBeDefined();
    expect(standing.works).toBe({ works: true, closed: false, unknown: null }[item.expect]);
    if (item.ready !== null) expect(standing.ready).toBe(item.ready);
    const unmet = route?.requires
      .filter((requirement) => requirement.met === false)
      .map((requirement) => requirement.id);
    if (item.unmet !== null) expect(unmet).toEqual(item.unmet);
    if (item.guest !== null) expect(route?.guest).toMatchObject(camel(item.guest));
  });

  test('has a case where it works, one where it does not exist, and one where it is closed or open', () => {
    const expected = definition.cases.map((item) => item.expect);
    expect(expected).toContain('works');
    expect(expected).toContain('none');
  });
});
