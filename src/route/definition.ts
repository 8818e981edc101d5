import type { RouteId } from '../model/verdict.js';
import type { Condition, Scalar } from './condition.js';

/** One file of rules/routes/: a way of running images, for every kind of host on which it exists. */
export interface RouteDefinition {
  readonly id: RouteId;
  readonly title: string;
  readonly kind: 'native' | 'emulation' | 'vm';
  /** Lower is better. */
  readonly preference: number;
  /** The first whose `for` holds is taken. */
  readonly ways: readonly Way[];
  readonly references: readonly { readonly title: string; readonly url: string }[];
  readonly cases: readonly RouteCase[];
}

/** The route on one kind of host. */
export interface Way {
  readonly name: string;
  readonly for: Condition;
  readonly requires: readonly RequirementSpec[];
  readonly guest: GuestSpec;
}

export interface RequirementSpec {
  readonly id: string;
  /** The question is asked only where this is known to hold; null: always. */
  readonly when: Condition | null;
  readonly expect: Condition;
  readonly setup: boolean;
  readonly text: string;
  readonly remedy: string | null;
}

export interface GuestSpec {
  /** What the guest is made from: the host itself, the engine's machine (of that kind, where it says), or nothing. */
  readonly base: 'host' | 'vm' | 'none';
  readonly vmKind: string | null;
  /** Values where the base says nothing. */
  readonly defaults: Readonly<Record<string, Template>>;
  /** Values that replace those of the base; of features, devices and sysctls only the named ones. */
  readonly set: Readonly<Record<string, Template>>;
}

/** A value with facts in it. A text may have `{image.machine}` in it; `{ fact: … }` stands for a value of any type. */
export type Template =
  | { readonly kind: 'literal'; readonly value: Scalar | null }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fact'; readonly path: string }
  | { readonly kind: 'first'; readonly parts: readonly Template[] }
  /** The value that stands under the text of a fact; unknown where none does. */
  | { readonly kind: 'choose'; readonly path: string; readonly from: Readonly<Record<string, Template>> }
  | { readonly kind: 'list'; readonly parts: readonly Template[] }
  | { readonly kind: 'tree'; readonly fields: Readonly<Record<string, Template>> };

/** An image and a host with what is expected of the route; tests run them. */
export interface RouteCase {
  readonly name: string;
  readonly image: Readonly<Record<string, unknown>>;
  readonly host: unknown;
  /** `none`: the route does not exist here. */
  readonly expect: 'works' | 'closed' | 'unknown' | 'none';
  readonly ready: boolean | null;
  /** Part of the guest that must be equal. */
  readonly guest: unknown;
  /** Ids of requirements that are not met. */
  readonly unmet: readonly string[] | null;
}
