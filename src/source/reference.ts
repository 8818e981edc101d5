import { XosError } from '../model/error.js';

/** Transports that this version reads, spelled as skopeo spells them; the last two are ours. */
export const TRANSPORTS = ['docker-archive', 'oci', 'oci-archive', 'dir', 'rootfs', 'file'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Which image of an archive is meant: by name (`oci:path:name`), manifest digest, or place (`:@2`). */
export type ImageSelector =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'index'; readonly index: number };

/** What a reference may mean: one reading with the suffix taken as part of the path, one with it split off. */
export interface ReferenceReading {
  /** Path in the file system, or `-` for stdin. */
  readonly path: string;
  readonly selector: ImageSelector | null;
}

export interface ParsedReference {
  /** As the user wrote it. */
  readonly text: string;
  /** null: to be recognised by content. */
  readonly transport: Transport | null;
  /** In the order in which they are tried; the first whose path exists is meant. */
  readonly readings: readonly ReferenceReading[];
}

/** Transports and schemes that others have and this version does not read. */
const REMOTE: ReadonlySet<string> = new Set([
  'atomic',
  'containerd',
  'containers-storage',
  'docker',
  'docker-daemon',
  'http',
  'https',
  'ostree',
  'podman',
  'registry',
  'sif',
  'tarball',
]);

const DIGEST_SUFFIX = /@((?:sha256:[0-9a-f]{64})|(?:sha512:[0-9a-f]{128}))$/;
/** `C:\…`, `C:/…`, `\\server\share`: the colon is no separator. */
const WINDOWS_PATH = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/**
 * Reads a reference (contract.md, "Words"; containers-transports(5)). Nothing is looked up: which reading is right
 * depends on what exists, and the caller asks that.
 */
export function parseReference(text: string): ParsedReference {
  if (text === '')
    throw new XosError('XOS_USAGE', 'the reference of the image is empty', { suggestions: [WHAT_SERVES] });
  if (text.includes('\0')) throw new XosError('XOS_USAGE', 'the reference of the image has a NUL character in it');
  const { scheme, rest } = schemeOf(text);
  if (REMOTE.has(scheme)) throw unsupported(text, scheme, rest);
  const transport = TRANSPORTS.find((known) => known === scheme) ?? null;
  if (transport === null) return { text, transport, readings: readingsOf(text) };
  if (rest === '') {
    throw new XosError('XOS_USAGE', `\`${text}\` names no path`, { suggestions: [`write \`${transport}:PATH\``] });
  }
  return { text, transport, readings: WHOLE.has(transport) ? [{ path: rest, selector: null }] : readingsOf(rest) };
}

/** Transports behind which everything is path: there is one image. */
const WHOLE: ReadonlySet<string> = new Set(['dir', 'rootfs', 'file']);

/** What stands before the first colon, where that looks like a transport. */
function schemeOf(text: string): { readonly scheme: string; readonly rest: string } {
  const match = WINDOWS_PATH.test(text) ? null : /^([a-z][a-z0-9+.-]*):(.*)$/s.exec(text);
  return { scheme: match?.[1] ?? '', rest: match?.[2] ?? '' };
}

/** What a user can name, as one sentence for suggestions. */
export const WHAT_SERVES =
  'name a docker archive, an OCI layout (directory or tar), a root filesystem (directory or tar), a binary, or `-` for stdin';

/** The whole text as a path first, so that a file with a colon in its name can be named; then with a suffix. */
function readingsOf(text: string): ReferenceReading[] {
  const readings: ReferenceReading[] = [{ path: text, selector: null }];
  const digest = DIGEST_SUFFIX.exec(text);
  if (digest?.[1] !== undefined) {
    const path = text.slice(0, digest.index).replace(/:$/, '');
    readings.push({ path, selector: { kind: 'digest', digest: digest[1] } });
  }
  // skopeo splits at the first colon; the one of a drive letter is none.
  const colon = text.indexOf(':', WINDOWS_PATH.test(text) ? 2 : 0);
  if (colon > 0 && colon < text.length - 1) {
    readings.push({ path: text.slice(0, colon), selector: selectorOf(text.slice(colon + 1)) });
  }
  return readings;
}

/** The suffix that a reference has behind the path that was found to be meant. */
export function selectorFor(reference: string, path: string): ImageSelector | null {
  return parseReference(reference).readings.find((reading) => reading.path === path)?.selector ?? null;
}

function selectorOf(suffix: string): ImageSelector {
  const place = /^@(\d{1,6})$/.exec(suffix);
  if (place?.[1] !== undefined) return { kind: 'index', index: Number(place[1]) };
  const digest = DIGEST_SUFFIX.exec(suffix);
  if (digest?.[1] !== undefined) return { kind: 'digest', digest: digest[1] };
  return { kind: 'name', name: suffix };
}

function unsupported(text: string, scheme: string, rest: string): XosError {
  const name = rest.replace(/^\/\//, '') || 'IMAGE';
  const local = scheme === 'docker-daemon' || scheme === 'podman' || scheme === 'containerd';
  const copy = `skopeo copy ${scheme === 'registry' ? `docker://${name}` : text} docker-archive:image.tar`;
  const suggestions =
    scheme === 'http' || scheme === 'https'
      ? [`download it first: curl -fLo image.tar ${text}`]
      : local
        ? [`save it first: ${scheme === 'podman' ? 'podman' : 'docker'} save ${name} -o image.tar`]
        : [`copy it first: ${copy}`, `or save it: docker save ${name} -o image.tar`];
  return new XosError('XOS_SOURCE_UNSUPPORTED', `\`${text}\`: images behind \`${scheme}:\` are not read yet`, {
    suggestions: [...suggestions, 'then: xoscheck image.tar'],
  });
}

/** What to say of a bare word that is no path but looks like an image in a registry: `nginx:1.25`. */
export function registrySuggestions(text: string): readonly string[] {
  if (!/^[a-z0-9][a-z0-9._/-]*(?::[\w][\w.-]*)?(?:@sha256:[0-9a-f]{64})?$/.test(text)) return [];
  if (/\.(?:tar|tgz|gz|zst|img)$/.test(text)) return [];
  return [
    `if \`${text}\` is an image of a registry: skopeo copy docker://${text} docker-archive:image.tar`,
    `if the local engine has it: docker save ${text} -o image.tar`,
  ];
}
