import type { Limits } from '../model/load.js';
import { describeFormatError } from '../model/gap.js';
import type { TarEntry } from '../image/tar/entry.js';
import { walkTar } from '../image/tar/walk.js';
import { type Blob, readableBlob, type Store } from './blob.js';
import type { OpenFile } from './file-view.js';

/** Links in an archive that lead to links (old `docker save` has one step: `layer.tar` → `../<id>/layer.tar`). */
const MAX_ARCHIVE_LINKS = 16;
/** After so many members that no image archive has, and none that it has, the tar is a root filesystem. */
const MAX_FOREIGN_MEMBERS = 64;

/** A `manifest.json` over this size is not looked into to tell what the archive is. */
const MAX_LOOK_BYTES = 16 * 1024 * 1024;

/** What the members of a tar say that it is. */
export type ArchiveKind = 'docker-archive' | 'oci-archive' | 'dir' | 'image-parts' | 'rootfs' | 'empty';

/** A member as far as its name and links go. */
export type Member<Content> =
  | { readonly kind: 'file'; readonly content: Content }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory' };

/** Members of an archive by absolute path; a later member with the same name takes the place of the earlier. */
export class Members<Content> {
  readonly #members = new Map<string, Member<Content>>();

  add(path: string, member: Member<Content>): void {
    this.#members.set(path, member);
  }

  get size(): number {
    return this.#members.size;
  }

  paths(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** Follows links inside the archive; nothing outside it can be named. */
  find(name: string): Content | null {
    let path = absolute(name, '/');
    for (let steps = 0; steps <= MAX_ARCHIVE_LINKS; steps++) {
      const member = this.#members.get(path);
      if (member === undefined || member.kind === 'directory') return null;
      if (member.kind === 'file') return member.content;
      path = absolute(member.target, path.slice(0, path.lastIndexOf('/') + 1));
    }
    return null;
  }
}

/** The member that an entry of the outer tar is; null for what no image archive needs (devices, FIFOs). */
export function memberOf<Content>(entry: TarEntry, content: () => Content): Member<Content> | null {
  if (entry.type === 'file') return { kind: 'file', content: content() };
  if (entry.type === 'directory') return { kind: 'directory' };
  if ((entry.type === 'symlink' || entry.type === 'hardlink') && entry.linkTarget !== null) {
    return { kind: 'link', target: entry.linkTarget };
  }
  return null;
}

function absolute(path: string, from: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const IMAGE_MEMBER =
  /^\/(?:manifest\.json|index\.json|oci-layout|repositories|version|blobs(?:\/.*)?|[0-9a-f]{64}(?:\/.*|\.(?:json|tar|tar\.gz|manifest\.json))?)?$/;

/** Names that crane, jib and others give to configs and layers, beside docker's and skopeo's. */
const LOOSE_IMAGE_MEMBER = /^\/(?:sha256:[0-9a-f]{64}|[^/]+\.(?:json|tar|tgz|tar\.(?:gz|zst)))$/;

/** True for a name that may well be an image's: an archive that begins with it is read as one while it passes. */
export function mayBeImageMember(path: string): boolean {
  return isImageMember(path) || LOOSE_IMAGE_MEMBER.test(path);
}

/** True for a name that image archives have and root filesystems do not. */
export function isImageMember(path: string): boolean {
  return IMAGE_MEMBER.test(path);
}

/** Judges by names and by how `manifest.json` begins; documents are read, and may be refused, later. */
export function archiveKind(members: Members<Blob>): ArchiveKind {
  const paths = members.paths();
  const has = new Set(paths);
  if (isLayout(paths)) return has.has('/manifest.json') ? 'docker-archive' : 'oci-archive';
  const start = documentStart(members.find('manifest.json'));
  if (start === '[') return 'docker-archive';
  if (start === '{' && has.has('/version')) return 'dir';
  const named = paths.filter((path) => path !== '/');
  if (named.length === 0) return 'empty';
  if (named.some((path) => /^\/(?:bin|etc|usr|lib|sbin)(?:\/|$)/.test(path))) return 'rootfs';
  if (has.has('/manifest.json') || has.has('/repositories')) return 'docker-archive';
  return named.every(isImageMember) ? 'image-parts' : 'rootfs';
}

function isLayout(paths: readonly string[]): boolean {
  if (paths.includes('/oci-layout')) return true;
  return paths.includes('/index.json') && paths.some((path) => path.startsWith('/blobs/'));
}

/** First character of a JSON document: `docker save` writes a list, everybody else an object. */
function documentStart(blob: Blob | null): string {
  const bytes = blob?.bytes(MAX_LOOK_BYTES)?.subarray(0, 64) ?? new Uint8Array(0);
  return Buffer.from(bytes).toString('latin1').trimStart().slice(0, 1);
}

/** An uncompressed archive, walked by header; blobs are read where they lie. */
export interface ArchiveStore extends Store {
  readonly kind: ArchiveKind;
}

export function archiveStore(file: OpenFile, limits: Limits): ArchiveStore {
  const members = new Members<Blob>();
  const seen = { images: 0, foreign: 0, tooMany: false };
  const end = walkTar(file.view(), (entry) => {
    const member = memberOf(entry, () =>
      readableBlob(entry.path.slice(1), {
        size: entry.storedSize,
        view: () => file.view(entry.dataOffset, entry.storedSize),
        stream: () => file.stream(entry.dataOffset, entry.storedSize),
        extent: file.extent(entry.dataOffset, entry.storedSize),
      }),
    );
    if (member !== null) members.add(entry.path, member);
    if (mayBeImageMember(entry.path)) seen.images += 1;
    else if (entry.path !== '/') seen.foreign += 1;
    seen.tooMany = members.size >= limits.entries;
    return !seen.tooMany && !(seen.images === 0 && seen.foreign > MAX_FOREIGN_MEMBERS);
  });
  const paths = members.paths();
  return {
    path: file.path,
    kind: archiveKind(members),
    find: (name) => members.find(name),
    names: () => paths,
    damage: seen.tooMany
      ? `it has more members than the limit of ${limits.entries}`
      : end.error === null
        ? null
        : `the tar ${describeFormatError(end.error)}`,
  };
}
