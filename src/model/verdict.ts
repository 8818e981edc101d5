import type { Finding, Requirement } from './rule.js';
import type { Guest } from './host.js';

export type RouteId = 'native' | 'qemu-user' | 'rosetta' | 'wsl2' | 'hyper-v' | 'linux-vm' | 'windows-vm' | 'wine';
export type Outcome = 'runs' | 'runs-with-warnings' | 'needs-emulation' | 'needs-vm' | 'blocked' | 'unknown';

/** One requirement of a route on the host. */
export interface RouteRequirement {
  readonly id: string;
  readonly text: string;
  /** null: the profile does not say. */
  readonly met: boolean | null;
  /** What to do where it is not met; null where nothing can be done. */
  readonly remedy: string | null;
  /** True: can be arranged, so an unmet one leaves the route open but not ready. */
  readonly setup: boolean;
}

/** A route that exists for this image and host, with the guest that it makes. */
export interface Route {
  readonly via: RouteId;
  readonly title: string;
  readonly kind: 'native' | 'emulation' | 'vm';
  /** Lower is better. */
  readonly preference: number;
  readonly requires: readonly RouteRequirement[];
  readonly guest: Guest;
}

/** A route after every rule was judged on its guest. */
export interface JudgedRoute extends Route {
  readonly works: boolean | null;
  readonly ready: boolean;
  readonly findings: readonly Finding[];
  /** Rule ids (and ids of unmet requirements) that close it. */
  readonly blockedBy: readonly string[];
}

export interface Verdict {
  readonly outcome: Outcome;
  /** The best route; null when blocked or unknown. */
  readonly via: RouteId | null;
  /** True where the best route serves as the host is now. */
  readonly ready: boolean;
  /** One sentence that a person can act on. */
  readonly summary: string;
  /** Best first. */
  readonly routes: readonly JudgedRoute[];
}

/** One image on one host: everything that a reporter needs. */
export interface JudgedImage {
  readonly verdict: Verdict;
  readonly requirements: readonly Requirement[];
  /** Findings of all routes, each once, with the routes on which it holds. Sorted by severity, rule id, path. */
  readonly findings: readonly (Finding & { readonly routes: readonly RouteId[] })[];
}
