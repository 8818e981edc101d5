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

/** True for a name that image archives have and root filesystems do not. */
export function isImageMember(path: string): boolean {
  return IMAGE_MEMBER.test(path);
}

/** Judges by names alone; documents are read, and may be refused, later. */
export function archiveKind(paths: readonly string[]): ArchiveKind {
  const has = new Set(paths);
  if (has.has('/oci-layout') || (has.has('/index.json') && paths.some((path) => path.startsWith('/blobs/')))) {
    return has.has('/manifest.json') ? 'docker-archive' : 'oci-archive';
  }
  if (has.has('/manifest.json') && has.has('/version')) return 'dir';
  if (has.has('/manifest.json') || has.has('/repositories')) {
    if (!paths.some((path) => /^\/(?:bin|etc|usr|lib|sbin)(?:\/|$)/.test(path))) return 'docker-archive';
  }
  const named = paths.filter((path) => path !== '/');
  if (named.length === 0) return 'empty';
  return named.every(isImageMember) ? 'image-parts' : 'rootfs';
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
      }),
    );
    if (member !== null) members.add(entry.path, member);
    if (isImageMember(entry.path)) seen.images += 1;
    else if (entry.path !== '/') seen.foreign += 1;
    seen.tooMany = members.size >= limits.entries;
    return !seen.tooMany && !(seen.images === 0 && seen.foreign > MAX_FOREIGN_MEMBERS);
  });
  const paths = members.paths();
  return {
    path: file.path,
    kind: archiveKind(paths),
    find: (name) => members.find(name),
    names: () => paths,
    damage: seen.tooMany
      ? `it has more members than the limit of ${limits.entries}`
      : end.error === null
        ? null
        : `the tar ${describeFormatError(end.error)}`,
  };
}
