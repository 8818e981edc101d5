/** Why bytes are not what they claim to be. `at` is an offset in bytes from the start of the file or stream. */
export type FormatError =
  | { readonly kind: 'truncated'; readonly at: number; readonly needed: number; readonly available: number }
  | { readonly kind: 'bad-value'; readonly at: number; readonly field: string; readonly value: string }
  | { readonly kind: 'limit'; readonly at: number; readonly field: string; readonly limit: number }
  | { readonly kind: 'not-retained'; readonly at: number; readonly needed: number };

/** A part of a file that could not be read; the facts that come from it are unknown, not absent. */
export interface PartGap {
  /** The part, in the format's own word: `dynamic section`, `import directory`. */
  readonly part: string;
  readonly error: FormatError;
}

/** Something of the image that could not be read, with its place. */
export interface Gap {
  /** Path in the image, or the blob's name where no file is concerned. */
  readonly path: string;
  /** Index into the image's layers; null when no layer is concerned. */
  readonly layer: number | null;
  readonly part: string;
  readonly error: FormatError;
}

/** Values that no place in the bytes holds: they are worked out over all of them. */
const DECLARED: ReadonlySet<string> = new Set(['digest', 'diff ID', 'number of diff IDs']);

/** What is wrong and where, as one clause without the path: `dynamic section ends at offset 12304 (…)`. */
export function describeFormatError(error: FormatError): string {
  switch (error.kind) {
    case 'truncated':
      return `ends too early (offset ${error.at}, ${error.needed} bytes needed, ${error.available} available)`;
    case 'bad-value':
      if (DECLARED.has(error.field)) return `has ${error.field} \`${error.value}\`, which is not what is declared`;
      return `has ${error.field} \`${error.value}\` at offset ${error.at}, which no such file can have`;
    case 'limit':
      return `has more ${error.field} than the limit of ${error.limit} (offset ${error.at})`;
    case 'not-retained':
      return `has ${error.needed} bytes at offset ${error.at} that were not kept while the layer was read`;
  }
}
