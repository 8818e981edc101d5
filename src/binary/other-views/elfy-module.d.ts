/** The part of elfy 1.0.0 that is used; it ships no types. */
declare module 'elfy' {
  interface ElfyFile {
    readonly class: string;
    readonly endian: string;
    readonly osabi: string | undefined;
    readonly type: string | undefined;
    /** Undefined for machines that elfy does not know, such as RISC-V. */
    readonly machine: string | undefined;
    readonly entry: number;
    readonly phnum: number;
    readonly shnum: number;
    readonly body: {
      readonly programs: readonly {
        readonly type: string | undefined;
        readonly offset: number;
        readonly filesz: number;
      }[];
      readonly sections: readonly {
        readonly name: string;
        readonly type: string | number;
        readonly off: number;
        readonly size: number;
      }[];
    };
  }
  const elfy: { parse(bytes: Buffer): ElfyFile };
  export default elfy;
}
