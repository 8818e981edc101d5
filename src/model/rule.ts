import type { Gap } from './gap.js';

export type Truth = 'yes' | 'no' | 'unknown';
export type Severity = 'blocker' | 'error' | 'warning' | 'info';
export type Confidence = 'certain' | 'likely' | 'hint';
/** What one finding is about: the whole image, a program of the start path, a binary, a reference in a file. */
export type Subject = 'image' | 'program' | 'binary' | 'reference';

/**
 * A value that a rule can read. A missing key is a gap (unknown), `null` is "read, and not there". Versions are
 * strings; the catalog says which strings are versions.
 */
export type FactValue = string | number | boolean | null | readonly FactValue[] | FactTree;
export interface FactTree {
  readonly [key: string]: FactValue | undefined;
}

/** One node of the proof. `read` is what the verdict shows as evidence. */
export interface Proof {
  readonly truth: Truth;
  readonly label: string;
  readonly read: readonly { readonly path: string; readonly value: FactValue | undefined }[];
  readonly parts: readonly Proof[];
}

export interface Evidence {
  /** Fact path: `binary.interpreter.path`. */
  readonly kind: string;
  readonly path: string | null;
  readonly layer: number | null;
  readonly offset: number | null;
  readonly value: FactValue;
}

export interface Remedy {
  readonly id: string;
  readonly where: 'image' | 'host';
  readonly effort: 'low' | 'medium' | 'high';
  readonly text: string;
  /** A command that can be pasted; null where there is none. */
  readonly command: string | null;
}

export interface RuleReference {
  readonly title: string;
  readonly url: string;
}

/** One rule that holds, or may hold (`truth` unknown), for one subject on one guest. */
export interface Finding {
  readonly ruleId: string;
  readonly title: string;
  readonly area: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly truth: 'yes' | 'unknown';
  /** One paragraph with the values filled in. */
  readonly message: string;
  /** What the operator will see: the message, errno or status code. */
  readonly consequence: string | null;
  readonly path: string | null;
  readonly layer: number | null;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
  readonly references: readonly RuleReference[];
  readonly proof: Proof;
}

/** What is left of a rule when the image is known and the guest is not. */
export interface Requirement {
  readonly ruleId: string;
  /** `kernel`, `cpu`, `page-size`, `device`, `privilege`, `engine`, `os`, `os-build`, `os-library` … */
  readonly kind: string;
  readonly text: string;
  readonly value: FactValue;
  readonly path: string | null;
  readonly layer: number | null;
}

/** Everything about one image that rules can read, one tree per subject. Built once, judged for every guest. */
export interface ImageFacts {
  readonly image: FactTree;
  readonly programs: readonly SubjectFacts[];
  readonly binaries: readonly SubjectFacts[];
  readonly references: readonly SubjectFacts[];
  readonly gaps: readonly Gap[];
}

export interface SubjectFacts {
  readonly path: string;
  readonly layer: number | null;
  readonly reach: 'start' | 'later' | 'present';
  readonly facts: FactTree;
}
