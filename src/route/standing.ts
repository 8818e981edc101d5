import type { RouteRequirement } from '../model/verdict.js';

/** How a route stands by its requirements alone, before any rule is judged. */
export interface Standing {
  /** null: a requirement that decides is not known. What can be set up closes no route. */
  readonly works: boolean | null;
  /** Everything is met as the host is now. */
  readonly ready: boolean;
}

/** A requirement that cannot be set up closes the route where it is not met; one that can only makes it not ready. */
export function standingOf(requires: readonly RouteRequirement[]): Standing {
  const decisive = requires.filter((requirement) => !requirement.setup);
  const closed = decisive.some((requirement) => requirement.met === false);
  const unknown = decisive.some((requirement) => requirement.met === null);
  return {
    works: closed ? false : unknown ? null : true,
    ready: requires.every((requirement) => requirement.met === true),
  };
}
