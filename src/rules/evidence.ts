import type { Evidence, FactValue } from '../model/rule.js';
import { offsetBeside, readFact } from './environment.js';
import type { Environment } from './environment.js';
import type { Expression, FactRead, Test } from './expression.js';
import type { Rule, RuleSubject } from './rule.js';

/** Most pieces of evidence in one finding. */
const MAX_EVIDENCE = 50;

/** Pieces of evidence of one finding, each once. */
export class EvidenceList {
  readonly pieces: Evidence[] = [];
  private readonly seen = new Set<string>();
  private readonly subject: RuleSubject;
  private readonly environment: Environment;

  constructor(subject: RuleSubject, environment: Environment) {
    this.subject = subject;
    this.environment = environment;
  }

  /** A fact as it is just now, with the elements that are bound. A gap is no evidence. */
  addFact(fact: FactRead): void {
    const value = readFact(fact, this.environment);
    if (value !== undefined) this.add(fact.catalogPath, value, offsetBeside(fact, this.environment));
  }

  /** A value that the proof has read. */
  addReading(path: string, value: FactValue): void {
    this.add(path, value, null);
  }

  /** Facts of the image and of the guest have no place in the subject's file. */
  private add(kind: string, value: FactValue, offset: number | null): void {
    if (this.pieces.length >= MAX_EVIDENCE) return;
    const key = JSON.stringify([kind, value, offset]);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const elsewhere = kind.startsWith('guest.') || kind.startsWith('image.');
    this.pieces.push({
      kind,
      path: elsewhere ? null : this.subject.path,
      layer: elsewhere ? null : this.subject.layer,
      offset: elsewhere ? null : offset,
      value,
    });
  }
}

/**
 * Facts that the conditions of a rule read, each once: the evidence of a rule without `show`. Facts of a name that is
 * bound under a `not` are left out, as no one element stands for it.
 */
export function factsRead(rule: Rule): readonly FactRead[] {
  const facts = new Map<string, FactRead>();
  const unbound = new Set<number>();
  for (const { test, negated } of testsOf([rule.applies, rule.match], false, unbound)) {
    const both = test.operand.kind === 'fact' ? [test.fact, test.operand.fact] : [test.fact];
    for (const fact of both) {
      if (!negated || typeof fact.from !== 'number' || !unbound.has(fact.from)) facts.set(fact.written, fact);
    }
  }
  return [...facts.values()];
}

interface FoundTest {
  readonly test: Test;
  readonly negated: boolean;
}

/** Every predicate, in order; `unbound` gets the slots that are bound under a `not`. */
function testsOf(parts: readonly Expression[], negated: boolean, unbound: Set<number>): readonly FoundTest[] {
  return parts.flatMap((part): readonly FoundTest[] => {
    switch (part.kind) {
      case 'all':
      case 'any':
        return testsOf(part.parts, negated, unbound);
      case 'not':
        return testsOf([part.part], true, unbound);
      case 'some':
        if (negated) unbound.add(part.slot);
        return testsOf([part.where], negated, unbound);
      case 'test':
        return [{ test: part, negated }];
    }
  });
}
