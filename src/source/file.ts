import { basename } from 'node:path';
import { collectFile } from '../image/collect.js';
import { EMPTY_CONFIG } from '../image/config.js';
import { imageOf } from '../image/image.js';
import { layerOf } from '../image/layer.js';
import type { LoadedSource, LoadOptions } from '../model/load.js';
import type { FileView } from '../model/view.js';
import { openFile } from './file-view.js';
import { platformNote, UNKNOWN_PLATFORM } from './rootfs.js';

/** A single file as the image that would start it. */
export function loadFile(path: string, reference: string, options: LoadOptions): Promise<LoadedSource> {
  const file = openFile(path);
  try {
    return Promise.resolve(fileSource(basename(path), file.view(), reference, options));
  } finally {
    file.close();
  }
}

export function fileSource(name: string, view: FileView, reference: string, options: LoadOptions): LoadedSource {
  const path = `/${name}`;
  const header = { path, mode: 0o755, size: view.size };
  const collected = options.collector.interested(header)
    ? collectFile(header, view, options.collector)
    : { content: null, gaps: [], bytesRead: 0 };
  const entry = { ...header, type: 'file', uid: 0, gid: 0, linkTarget: null, mtime: 0, xattrs: {} } as const;
  const facts = layerOf([{ ...entry, content: collected.content }], collected.gaps);
  const image = imageOf({
    reference,
    format: 'file',
    digest: null,
    names: [],
    manifestMediaType: null,
    indexPlatform: null,
    config: {
      platform: UNKNOWN_PLATFORM,
      config: { ...EMPTY_CONFIG, entrypoint: [path] },
      diffIds: [],
      history: [],
    },
    layers: [{ digest: null, mediaType: '', size: view.size, compression: 'none' }],
  });
  const layers = [{ ...facts, bytesRead: collected.bytesRead }];
  return { images: [{ image, layers, gaps: [] }], notes: platformNote(options) };
}

/** True for what a kernel can be asked to execute: ELF, PE, Mach-O thin and fat, `#!` (also behind a BOM). */
export function looksExecutable(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 8)).toString('latin1');
  if (text.startsWith('\x7fELF') || text.startsWith('MZ') || /^(?:\xef\xbb\xbf)?#!/.test(text)) return true;
  if (/^(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)/.test(text)) return true;
  // A fat header counts its slices where a Java class has its version, which begins with 45 (JVMS 4.1).
  return text.startsWith('\xca\xfe\xba\xbe') && (head[7] ?? 0) < 45 && head[4] === 0 && head[5] === 0 && head[6] === 0;
}
