import { looksLikeTar } from '../image/tar/list.js';
import { XosError } from '../model/error.js';
import type { LoadedSource, LoadOptions } from '../model/load.js';
import { memoryView } from '../model/view.js';
import { type Expected, loadStream } from './archive.js';
import { ChunkReader } from './chunks.js';
import { compressionOfHead, SNIFF_BYTES } from './decompress.js';
import { fileSource, looksExecutable } from './file.js';
import type { ParsedReference } from './reference.js';
import { notAnImage, UNKNOWN_HEAD_BYTES } from './unknown.js';

const NAME = 'stdin';

/** Reads `-`: an archive in one pass, or a single file that fits into memory. */
export async function loadStdin(parsed: ParsedReference, options: LoadOptions): Promise<LoadedSource> {
  const reader = new ChunkReader(options.stdin);
  const head = await reader.peek(SNIFF_BYTES);
  if (head.length === 0 && parsed.transport !== 'file') throw notAnImage('-', head, 0);
  const compression = compressionOfHead(head);
  const archive = looksLikeTar(head) || compression === 'gzip' || compression === 'zstd';
  if (parsed.transport === 'file' || (parsed.transport === null && !archive)) {
    return await loadStdinFile(reader, head, parsed, options);
  }
  const source = await loadStream(reader.rest(), '-', parsed.text, options, expectedOf(parsed));
  if (typeof source !== 'string') return source;
  if (source === 'image') {
    throw new XosError('XOS_NOT_AN_IMAGE', '`-` began like a root filesystem, and has documents of an image', {
      suggestions: ['if it is an image: xoscheck docker-archive:-', 'if it is a root filesystem: xoscheck rootfs:-'],
    });
  }
  throw new XosError(
    'XOS_NOT_AN_IMAGE',
    '`-` began like an image archive, and has no `manifest.json` or `index.json`',
    {
      suggestions: ['if it is the tar of a root filesystem: xoscheck rootfs:-'],
    },
  );
}

function expectedOf(parsed: ParsedReference): Expected {
  switch (parsed.transport) {
    case 'docker-archive':
    case 'oci-archive':
    case 'rootfs':
      return parsed.transport;
    case 'oci':
    case 'dir':
      throw new XosError('XOS_USAGE', `\`${parsed.text}\`: a directory cannot come from stdin`, {
        suggestions: ['for a tar of an OCI layout: xoscheck oci-archive:-'],
      });
    case 'file':
    case null:
      return null;
  }
}

async function loadStdinFile(
  reader: ChunkReader,
  head: Uint8Array,
  parsed: ParsedReference,
  options: LoadOptions,
): Promise<LoadedSource> {
  if (parsed.transport === null && !looksExecutable(head)) {
    throw notAnImage('-', await reader.peek(UNKNOWN_HEAD_BYTES), null);
  }
  const limit = options.limits.retainedBytes;
  const bytes = await reader.peek(limit + 1);
  if (bytes.length > limit) {
    throw new XosError('XOS_LIMIT', `the file from stdin has more than ${limit} bytes`, {
      suggestions: ['save it first and name its path'],
    });
  }
  return fileSource(NAME, memoryView(bytes), parsed.text, options);
}
