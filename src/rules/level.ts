import type { Truth } from '../model/rule.js';

/**
 * The three truth values, ordered no < unknown < yes. In this order Kleene's strong logic is arithmetic: `all` is the
 * least of its parts, `any` and `some` the greatest, `not` turns the order round.
 */
export type Level = 0 | 1 | 2;
export const NO = 0;
export const UNKNOWN = 1;
export const YES = 2;

const TRUTH: Readonly<Record<Level, Truth>> = { 0: 'no', 1: 'unknown', 2: 'yes' };

export function truthOf(level: Level): Truth {
  return TRUTH[level];
}

export function opposite(level: Level): Level {
  return level === YES ? NO : level === NO ? YES : UNKNOWN;
}

export function levelOf(holds: boolean): Level {
  return holds ? YES : NO;
}
