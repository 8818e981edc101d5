/** Which files of an image are of interest by their name, and what is kept of a text. */

/** Text kept of one file, in bytes; scripts that decide how an image starts are far smaller. */
export const MAX_TEXT_BYTES = 256 * 1024;

/** Extensions of files that no loader maps and no kernel executes unless they have an executable bit. */
const INERT = new Set(
  (
    'h hh hpp hxx c cc cpp cxx inc py pyc pyi pyx pxd js mjs cjs ts mts cts jsx tsx map css scss less html htm xhtml xml xsd xsl ' +
    'svg png jpg jpeg gif ico webp bmp ttf otf woff woff2 eot pdf ps txt md markdown rst adoc tex po mo pot qm ' +
    'json yaml yml toml ini cfg csv tsv sql go rs java kt scala rb erb pl pm pod php lua tcl el elc vim r ' +
    'gz bz2 xz zst lz4 tgz md5sums list symbols shlibs triggers la pc cmake m4 am in ac rules service socket timer ' +
    'desktop pem crt key der asc gpg db dat tab wav mp3 ogg mp4 webm avi class hs ml mli idl gir typelib rlib rmeta'
  ).split(' '),
);

/** True for names such as `README.md` or `libfoo.h`, whose content cannot be a program by itself. */
export function isInertName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 && INERT.has(name.slice(dot + 1).toLowerCase()) && !isKeptText(path);
}

/** Texts that say how the image starts or how its loader searches. Windows layers hold them below `Files`. */
const KEPT: readonly RegExp[] = [
  /^\/etc\/(?:passwd|group|os-release|alpine-release|debian_version|redhat-release|environment|nsswitch\.conf)$/,
  /^\/usr\/lib\/os-release$/,
  /^\/etc\/ld\.so\.(?:conf|preload)$/,
  /^\/etc\/ld\.so\.conf\.d\/[^/]+$/,
  /^\/etc\/ld-musl-[a-z0-9_-]+\.path$/,
  /\.(?:sh|bash|bat|cmd|ps1)$/i,
  /\.(?:runtimeconfig|deps)\.json$/,
  /^(?:(?!\/node_modules\/).)*\/package\.json$/,
];

export function isKeptText(path: string): boolean {
  return KEPT.some((pattern) => pattern.test(path));
}

export function isLdCache(path: string): boolean {
  return path === '/etc/ld.so.cache';
}

export function isJarName(path: string): boolean {
  return /\.(?:jar|war|ear)$/i.test(path);
}

const LINE_FEED = 0x0a;
const HASH = 0x23;

/** The same bytes with full-line `#` comments blanked, so that offsets stay; the `#!` line is one of them. */
export function withoutComments(bytes: Uint8Array): Uint8Array {
  const code = bytes.slice();
  for (let start = 0; start < code.length;) {
    const next = code.indexOf(LINE_FEED, start);
    const end = next === -1 ? code.length : next;
    let first = start;
    while (first < end && (code[first] === 0x20 || code[first] === 0x09)) first += 1;
    if (code[first] === HASH) code.fill(0x20, first, end);
    start = end + 1;
  }
  return code;
}
