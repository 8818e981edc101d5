import type { AddonName } from './addons.js';

/** Words by which packages name a platform (npm `os`, `cpu` and `libc`; napi-rs and prebuildify; Rust triples). */
const SYSTEMS: ReadonlySet<string> = new Set(
  'linux linuxmusl darwin win32 windows freebsd openbsd netbsd android aix sunos openharmony'.split(' '),
);
const PROCESSORS: ReadonlySet<string> = new Set(
  (
    'x64 x86 amd64 ia32 arm64 aarch64 arm armv6 armv7 armv7l armv8 ppc64 ppc64le s390x riscv64 riscv64gc loong64 ' +
    'mips64el wasm32 wasi wasm universal'
  ).split(' '),
);
const LIBRARIES: ReadonlySet<string> = new Set('musl gnu glibc msvc gnueabihf musleabihf eabi eabihf libc'.split(' '));

function isPlatformWord(word: string): boolean {
  return SYSTEMS.has(word) || PROCESSORS.has(word) || LIBRARIES.has(word);
}

interface Words {
  /** The words that are no platform. */
  readonly rest: readonly string[];
  readonly platform: readonly string[];
}

function splitWords(text: string): Words {
  const words = text.split(/[-_.+/]/).filter((word) => word !== '');
  return {
    rest: words.filter((word) => !isPlatformWord(word.toLowerCase())),
    platform: words.filter((word) => isPlatformWord(word.toLowerCase())).map((word) => word.toLowerCase()),
  };
}

/** Whether the words name a platform: a system or a processor, not just `gnu`. */
function saysPlatform(words: Words): boolean {
  return words.platform.some((word) => SYSTEMS.has(word) || PROCESSORS.has(word));
}

const MARK = '/node_modules/';

/**
 * What the path of a file below `node_modules` says. Only files that Node loads (`.node`) and files of packages made for
 * one platform (`@esbuild/linux-x64`) count. The family is the package without the words for a platform, wherever it
 * lies: `@img/sharp-linux-x64` and `@img/sharp-darwin-arm64` stand for each other, and so do all prebuilds of a package.
 */
export function nodeAddon(path: string): AddonName | null {
  const mark = path.lastIndexOf(MARK);
  if (mark < 0) return null;
  const below = path.slice(mark + MARK.length).split('/');
  const count = below[0]?.startsWith('@') === true ? 2 : 1;
  const packageName = below.slice(0, count).join('/');
  const file = below.slice(count).join('/');
  const packageWords = splitWords(below.slice(0, count).at(-1) ?? '');
  const isAddon = file.endsWith('.node');
  if (!isAddon && !saysPlatform(packageWords)) return null;
  const fileWords = splitWords(file);
  const platform = saysPlatform(packageWords) ? packageWords.platform : fileWords.platform;
  return {
    language: 'node',
    family: `node ${familyOf(packageName, count, packageWords)}`,
    package: packageWords.rest.length === 0 ? scopeOf(packageName) : packageName,
    platform: platform.length === 0 ? null : platform.join('-'),
    libc: libcOfWords(platform),
    interpreter: null,
  };
}

function scopeOf(packageName: string): string {
  return packageName.split('/')[0] ?? packageName;
}

function familyOf(packageName: string, count: number, words: Words): string {
  if (!saysPlatform(words)) return packageName;
  const scope = count === 2 ? `${scopeOf(packageName)}/` : '';
  return `${scope}${words.rest.join('-')}`;
}

/** A Linux build whose name says no libc may be for glibc or need none, so it says nothing. */
function libcOfWords(words: readonly string[]): 'glibc' | 'musl' | null {
  if (words.some((word) => word.includes('musl'))) return 'musl';
  return words.includes('gnu') || words.includes('glibc') ? 'glibc' : null;
}
