/**
 * What another library sees in a file, shown beside what is read here. Nothing is decided by it: both libraries refuse
 * many files and misread some fields (docs say which), so a fact never comes from them.
 */
export type OtherView =
  | {
      readonly library: LibraryName;
      readonly accepted: true;
      /** Fields of the header under the library's names. */
      readonly headers: Readonly<Record<string, string | number | boolean | null>>;
      readonly sections: readonly OtherSection[];
      /** Only of PE files. */
      readonly resources?: readonly OtherResource[];
    }
  | {
      readonly library: LibraryName;
      readonly accepted: false;
      /** The library's message, or why it was not asked. */
      readonly reason: string;
    };

export type LibraryName = 'elfy' | 'pe-library';

export interface OtherSection {
  readonly name: string;
  /** `progbits`; null for PE, whose sections have no type. */
  readonly type: string | null;
  /** In the file, in bytes. */
  readonly offset: number;
  readonly size: number;
}

export interface OtherResource {
  readonly type: string | number;
  readonly id: string | number;
  readonly language: string | number;
  readonly size: number;
}

/** Both libraries need the whole file, and one copies it. */
export const MAX_VIEW_BYTES = 256 << 20;

export function refused(library: LibraryName, reason: unknown): OtherView {
  return { library, accepted: false, reason: reason instanceof Error ? reason.message : String(reason) };
}
