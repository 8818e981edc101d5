import type { HostProfile } from '../model/host.js';
import type { Route, RouteRequirement } from '../model/verdict.js';
import { evaluate, type Lookup } from './condition.js';
import type { RequirementSpec, RouteDefinition } from './definition.js';
import { makeGuest } from './guest.js';
import { readPair, type RouteImage } from './pair.js';
import { standingOf } from './standing.js';
import { fillText } from './template.js';

export type { RouteImage } from './pair.js';

/** Every route that exists for this image and host, best first. */
export function routesFor(
  image: RouteImage,
  host: HostProfile,
  definitions: readonly RouteDefinition[],
): readonly Route[] {
  const lookup = readPair(image, host);
  return definitions.flatMap((definition) => routeOf(definition, host, lookup) ?? []).sort(byMerit);
}

function routeOf(definition: RouteDefinition, host: HostProfile, lookup: Lookup): Route | null {
  const way = definition.ways.find((candidate) => evaluate(candidate.for, lookup) === 'yes');
  if (way === undefined) return null;
  return {
    via: definition.id,
    title: way.name,
    kind: definition.kind,
    preference: definition.preference,
    requires: way.requires.flatMap((spec) => requirementOf(spec, lookup) ?? []),
    guest: makeGuest(way.guest, host, lookup, definition.id),
  };
}

function requirementOf(spec: RequirementSpec, lookup: Lookup): RouteRequirement | null {
  if (spec.when !== null && evaluate(spec.when, lookup) !== 'yes') return null;
  const truth = evaluate(spec.expect, lookup);
  return {
    id: spec.id,
    text: fillText(spec.text, lookup),
    met: truth === 'unknown' ? null : truth === 'yes',
    remedy: spec.remedy === null ? null : fillText(spec.remedy, lookup),
    setup: spec.setup,
  };
}

const RANK = { native: 0, vm: 1, emulation: 2 } as const satisfies Record<Route['kind'], number>;

/** The host itself first; then what serves now, because nobody sets up a second way; then the more faithful kind. */
function byMerit(a: Route, b: Route): number {
  const foreign = (route: Route): number => (route.kind === 'native' ? 0 : 1);
  const later = (route: Route): number => (standingOf(route.requires).ready ? 0 : 1);
  return foreign(a) - foreign(b) || later(a) - later(b) || RANK[a.kind] - RANK[b.kind] || a.preference - b.preference;
}
