import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { elfFormat } from '../../src/binary/elf/index.js';
import { parseLdCache } from '../../src/binary/ld-cache.js';
import { peFormat } from '../../src/binary/pe/index.js';
import type { FileContent, LayerEntry } from '../../src/model/layer.js';
import type { Rootfs } from '../../src/model/rootfs.js';
import { memoryView, type FileView } from '../../src/model/view.js';
import { rootfs, type RootfsSpec } from '../support/rootfs-builder.js';

type Spec = Record<string, RootfsSpec[string]>;

/** Folders of a Linux root that programs and libraries are in; a whole machine has too much beside them. */
const LINUX_FOLDERS = ['usr', 'lib', 'lib32', 'lib64', 'libx32', 'bin', 'sbin', 'opt', 'other'];
const LINUX_FILES = ['etc/ld-musl-x86_64.path', 'program', 'etc/ld.so.cache', 'etc/ld.so.conf'];

/** What loaders see of a root: links, ELF files and ld.so.cache. */
export function linuxRootfs(root: string): Rootfs {
  const spec: Spec = {};
  for (const name of [...LINUX_FOLDERS, ...LINUX_FILES]) if (existsSync(join(root, name))) add(spec, root, `/${name}`);
  return rootfs(spec);
}

/** Folders of PE files, each at its place in a Windows root. */
export function windowsRootfs(places: Readonly<Record<string, string>>): Rootfs {
  const spec: Spec = {};
  for (const [place, folder] of Object.entries(places)) {
    for (const name of readdirSync(folder)) {
      const found = fileAt(join(folder, name));
      if (found?.content != null) spec[`${place}/${name}`] = found;
    }
  }
  return rootfs(spec, { windows: true });
}

function add(spec: Spec, root: string, path: string): void {
  const real = join(root, path);
  const stat = lstatSync(real);
  if (stat.isSymbolicLink()) spec[path] = readlinkSync(real);
  else if (stat.isDirectory()) for (const name of readdirSync(real)) add(spec, root, `${path}/${name}`);
  else if (stat.isFile()) spec[path] = fileAt(real) ?? {};
}

function fileAt(path: string): Partial<LayerEntry> | null {
  const file = openSync(path, 'r');
  try {
    const { size, mode } = fstatSync(file);
    const view: FileView = {
      size,
      read: (at, length) => {
        const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, at));
      },
    };
    return { size, mode: mode & 0o7777, content: contentOf(path, view) };
  } finally {
    closeSync(file);
  }
}

function contentOf(path: string, view: FileView): FileContent | null {
  if (path.endsWith('/etc/ld.so.cache')) {
    const parsed = parseLdCache(memoryView(readFileSync(path)));
    return parsed.ok ? { kind: 'ld-cache', cache: parsed.value } : null;
  }
  if (path.endsWith('.path')) {
    return { kind: 'text', head: 'text', text: readFileSync(path, 'utf8'), truncated: false, references: [] };
  }
  const head = view.read(0, 64);
  const format = [elfFormat, peFormat].find(({ sniff }) => sniff(head));
  if (format === undefined) return view.size === 0 ? null : { kind: 'head', head: 'data' };
  const parsed = format.parse(view);
  return parsed.ok ? { kind: 'binary', binary: parsed.value, references: [] } : null;
}
