/** A library as it is when a program is linked, and as it is when the program runs. */
export interface CaseLibrary {
  readonly name: string;
  readonly linked: string;
  readonly linkedMap?: string;
  /** null: the same. */
  readonly run: string | null;
  readonly runMap?: string;
  readonly flags?: readonly string[];
  /** Further libraries that it is linked with. */
  readonly links?: readonly string[];
}

/** A program that says `started` before it uses anything, and what its loader makes of it. */
export interface SymbolCase {
  readonly name: string;
  readonly libraries: readonly CaseLibrary[];
  /** Declarations, then statements of main. */
  readonly declarations: string;
  readonly body: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Library that is loaded by LD_PRELOAD. */
  readonly preload?: string;
}

const lib = (linked: string, run: string | null, more: Partial<CaseLibrary> = {}): readonly CaseLibrary[] => [
  { name: 'libx.so.1', linked, run, ...more },
];

const F = 'int f(void){return 0;}';
const G = 'int g(void){return 0;}';
const V1 = 'V1 { global: f; local: *; };';
const V2_ONLY = 'V1 { global: g; local: *; }; V2 { global: f; } V1;';
const PLAIN = 'int f(void); ';

/** What every loader is asked. */
export const COMMON_CASES: readonly SymbolCase[] = [
  { name: 'all is there', libraries: lib(F, null), declarations: PLAIN, body: 'return f();' },
  { name: 'a function is gone', libraries: lib(F, G), declarations: PLAIN, body: 'return f();' },
  {
    name: 'a function is gone, bound at once',
    libraries: lib(F, G),
    declarations: PLAIN,
    body: 'return f();',
    flags: ['-Wl,-z,now'],
  },
  {
    name: 'a function whose address is taken is gone',
    libraries: lib(F, G),
    declarations: `${PLAIN} int (*p)(void) = f;`,
    body: 'return p == 0;',
  },
  {
    name: 'a variable of a program is gone',
    libraries: lib('int v = 1;', G),
    declarations: 'extern int v;',
    body: 'return v - 1;',
  },
  {
    name: 'a variable of a program is copied',
    libraries: lib('int v = 1;', null),
    declarations: 'extern int v;',
    body: 'return v - 1;',
  },
  {
    name: 'a variable of a program at a fixed address is gone',
    libraries: lib('int v = 1;', G),
    declarations: 'extern int v;',
    body: 'return v - 1;',
    flags: ['-no-pie'],
  },
  {
    name: 'a thread-local variable is gone',
    libraries: lib('__thread int t;', G),
    declarations: 'extern __thread int t;',
    body: 'return t;',
  },
  {
    name: 'a weak function is gone',
    libraries: lib(F, G),
    declarations: 'int f(void) __attribute__((weak));',
    body: 'return f != 0 ? f() : 0;',
  },
  {
    name: 'a function became hidden',
    libraries: lib(F, `__attribute__((visibility("hidden"))) ${F} ${G}`),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'a function became protected',
    libraries: lib(F, `__attribute__((visibility("protected"))) ${F}`),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'a function became weak',
    libraries: lib(F, `__attribute__((weak)) ${F}`),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'a function became static',
    libraries: lib(F, `static ${F} int g(void){return f();}`),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'a function became a variable',
    libraries: lib(F, 'char f[64];'),
    declarations: `${PLAIN} int (*p)(void) = f;`,
    body: 'return p == 0;',
  },
  {
    name: 'a version of a function is gone',
    libraries: lib(F, `${F} ${G}`, { linkedMap: V1, runMap: V2_ONLY }),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'a version of a function is no longer the default',
    libraries: lib(
      F,
      'int f1(void){return 0;} int f2(void){return 0;} __asm__(".symver f1,f@V1\\n.symver f2,f@@V2");',
      {
        linkedMap: V1,
        runMap: 'V1 { local: f1; f2; }; V2 { } V1;',
      },
    ),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'only a version that is not the default is left',
    libraries: lib(F, 'int f1(void){return 0;} __asm__(".symver f1,f@V1");', {
      linkedMap: V1,
      runMap: 'V1 { local: f1; };',
    }),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'the library lost its versions',
    libraries: lib(F, F, { linkedMap: V1 }),
    declarations: PLAIN,
    body: 'return f();',
  },
  { name: 'the library got versions', libraries: lib(F, F, { runMap: V1 }), declarations: PLAIN, body: 'return f();' },
  {
    name: 'the library got versions, the function in a later one',
    libraries: lib(F, `${F} ${G}`, { runMap: V2_ONLY }),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'no version was asked for, and only a later one that is not the default is there',
    libraries: lib(F, `${G} int f2(void){return 0;} __asm__(".symver f2,f@V2");`, {
      runMap: 'V1 { global: g; local: *; }; V2 { } V1;',
    }),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'no version was asked for, and only the first, which is not the default, is there',
    libraries: lib(F, 'int f1(void){return 0;} __asm__(".symver f1,f@V1");', { runMap: 'V1 { local: f1; };' }),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'no version was asked for, and two that are not the default are there',
    libraries: lib(
      F,
      `${G} int f2(void){return 0;} int f3(void){return 0;} __asm__(".symver f2,f@V2\\n.symver f3,f@V3");`,
      {
        runMap: 'V1 { global: g; local: *; }; V2 { } V1; V3 { } V2;',
      },
    ),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'an indirect function',
    libraries: lib(
      F,
      'static int a(void){return 0;} static void *r(void){return a;} int f(void) __attribute__((ifunc("r")));',
    ),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'a library calls what only the program defines',
    libraries: lib('int h(void); int f(void){return h();}', null),
    declarations: `${PLAIN} int h(void){return 0;}`,
    body: 'return f();',
    flags: ['-rdynamic'],
  },
  {
    name: 'a library calls what nobody defines',
    libraries: lib('int h(void); int f(void){return h();}', null),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'a library has the address of what nobody defines',
    libraries: lib('int h(void); void *p = h; int f(void){return p == 0;}', null),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'a library bound to itself calls its own function',
    libraries: lib('int h(void){return 0;} int f(void){return h();}', null, { flags: ['-Wl,-Bsymbolic'] }),
    declarations: PLAIN,
    body: 'return f();',
  },
  {
    name: 'what is gone is preloaded',
    libraries: [...lib(F, G), { name: 'libp.so', linked: F, run: null }],
    declarations: PLAIN,
    body: 'return f();',
    preload: 'libp.so',
  },
  {
    name: 'a function at a fixed address stands for one that a library takes the address of',
    libraries: [...lib(F, G), { name: 'liby.so', linked: 'int f(void); void *q(void){return f;}', run: null }],
    declarations: `${PLAIN} void *q(void); int (*p)(void) = f;`,
    body: 'return q() != p;',
    flags: ['-no-pie'],
  },
];

/** What is asked of glibc only. */
export const GLIBC_CASES: readonly SymbolCase[] = [
  {
    name: 'a function is gone, LD_BIND_NOW',
    libraries: lib(F, G),
    declarations: PLAIN,
    body: 'return f();',
    environment: { LD_BIND_NOW: '1' },
  },
  {
    name: 'a function is gone, LD_BIND_NOW empty',
    libraries: lib(F, G),
    declarations: PLAIN,
    body: 'return f();',
    environment: { LD_BIND_NOW: '' },
  },
];

/** Names of glibc that a program for it asks musl for. */
export const MUSL_CASES: readonly SymbolCase[] = [
  'fcntl64',
  '__strcat_chk',
  '__res_init',
  '__register_atfork',
  'open64',
  'stat64',
  'fopen64',
  'readdir64_r',
  'posix_fallocate64',
  '__fxstat64',
  '__stack_chk_fail',
  '__isoc99_sscanf',
  'gnu_get_libc_version',
  'backtrace',
].map((name) => ({
  name: `${name} of glibc`,
  libraries: [],
  declarations: `int ${name}(void); int (*p)(void) = ${name};`,
  body: 'return p == 0;',
}));
