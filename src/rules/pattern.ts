import { err, ok } from '../model/result.js';
import type { Result } from '../model/result.js';
import { parsePattern, PatternFault } from './pattern-syntax.js';
import type { CharacterSet, PatternNode } from './pattern-syntax.js';

/**
 * A pattern language whose matching takes time linear in the text: RE2's syntax without captures, assertions and
 * back-references, run as a set of states that moves over the text once (Thompson, "Regular Expression Search
 * Algorithm", CACM 11:6, 1968). Rules may come from users, so no pattern may be able to stop a run.
 *
 * A pattern matches the whole text. `(?i)` at its start ignores the case of ASCII letters.
 */
export interface Pattern {
  readonly source: string;
  /** null: the text is longer than MAX_SUBJECT_LENGTH, so it was not looked at. */
  readonly matches: (text: string) => boolean | null;
}

/** Longest text that is matched, in UTF-16 units. */
export const MAX_SUBJECT_LENGTH = 4096;
/** Most states of one pattern, after counted repetitions are written out. */
const MAX_STATES = 2000;
/** Most steps of writing them out: nested repetitions of nothing make no states but take time. */
const MAX_EMIT_STEPS = 20_000;

type State =
  | { readonly kind: 'one'; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: 'split'; first: number; readonly second: number }
  | { readonly kind: 'end' };

/** Compiles a pattern; the error says what of it is not supported. */
export function compilePattern(source: string): Result<Pattern, string> {
  try {
    const { node, ignoreCase } = parsePattern(source);
    const program = emitProgram(node);
    return ok({ source, matches: (text) => run(program, ignoreCase ? text.toLowerCase() : text) });
  } catch (cause) {
    if (cause instanceof PatternFault) return err(cause.message);
    throw cause;
  }
}

interface Program {
  readonly states: readonly State[];
  readonly start: number;
}

function emitProgram(node: PatternNode): Program {
  const emitter: Emitter = { states: [{ kind: 'end' }], steps: 0 };
  const start = emit(node, 0, emitter);
  return { states: emitter.states, start };
}

interface Emitter {
  readonly states: State[];
  steps: number;
}

function add(state: State, emitter: Emitter): number {
  if (emitter.states.length >= MAX_STATES) throw new PatternFault(`it needs more than ${MAX_STATES} states`);
  return emitter.states.push(state) - 1;
}

/** Writes the states of a node from its end to its start; returns the state where it begins. */
function emit(node: PatternNode, next: number, emitter: Emitter): number {
  emitter.steps += 1;
  if (emitter.steps > MAX_EMIT_STEPS) throw new PatternFault('its repetitions are too large');
  switch (node.kind) {
    case 'one':
      return add({ kind: 'one', set: node.set, next }, emitter);
    case 'sequence':
      return node.parts.reduceRight((after, part) => emit(part, after, emitter), next);
    case 'choice': {
      const starts = node.parts.map((part) => emit(part, next, emitter));
      return starts.reduceRight((second, first) => add({ kind: 'split', first, second }, emitter));
    }
    case 'repeat':
      return emitRepeat(node, next, emitter);
  }
}

function emitRepeat(node: Extract<PatternNode, { kind: 'repeat' }>, next: number, emitter: Emitter): number {
  let start = next;
  if (node.most === null) {
    const loop: State = { kind: 'split', first: next, second: next };
    start = add(loop, emitter);
    loop.first = emit(node.part, start, emitter);
  } else {
    for (let count = node.least; count < node.most; count++) {
      start = add({ kind: 'split', first: emit(node.part, start, emitter), second: next }, emitter);
    }
  }
  for (let count = 0; count < node.least; count++) start = emit(node.part, start, emitter);
  return start;
}

function run(program: Program, text: string): boolean | null {
  if (text.length > MAX_SUBJECT_LENGTH) return null;
  let current = closure([program.start], program);
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const moved: number[] = [];
    for (const index of current) {
      const state = program.states[index];
      if (state?.kind === 'one' && accepts(state.set, code)) moved.push(state.next);
    }
    if (moved.length === 0) return false;
    current = closure(moved, program);
  }
  return current.has(0);
}

/** The states that are reached without reading a character. State 0 is the end. */
function closure(from: readonly number[], program: Program): ReadonlySet<number> {
  const seen = new Set<number>();
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const state = program.states[index];
    if (state?.kind === 'split') open.push(state.first, state.second);
  }
  return seen;
}

function accepts(set: CharacterSet, code: number): boolean {
  return set.ranges.some(([low, high]) => code >= low && code <= high) !== set.negated;
}
