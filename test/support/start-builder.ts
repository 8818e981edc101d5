import { EMPTY_CONFIG } from '../../src/image/config.js';
import { parseElf } from '../../src/binary/elf/index.js';
import type { Image, ImageConfig } from '../../src/model/image.js';
import type { FileContent, LayerEntry } from '../../src/model/layer.js';
import { memoryView } from '../../src/model/view.js';
import { elf, type ElfOptions } from './elf-builder.js';
import { textContent } from './rootfs-builder.js';

/** An ELF file as the layer reader keeps it. */
export function elfFile(options: ElfOptions = {}): Partial<LayerEntry> {
  const bytes = elf(options);
  const parsed = parseElf(memoryView(bytes));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const content: FileContent = { kind: 'binary', binary: parsed.value, references: [] };
  return { content, size: bytes.length };
}

/** A program that needs no loader. */
export function staticProgram(): Partial<LayerEntry> {
  return elfFile({ kind: 'executable', entry: 0x1000n });
}

/** A script with an execute bit. */
export function script(...lines: readonly string[]): Partial<LayerEntry> {
  const text = lines.join('\n');
  return { content: textContent(text), size: text.length };
}

/** A text file without one. */
export function textFile(text: string): Partial<LayerEntry> {
  return { content: textContent(text, 'text'), size: text.length, mode: 0o644 };
}

/** An image that says only what matters. */
export function imageOf(config: Partial<ImageConfig> = {}, os = 'linux'): Image {
  return {
    reference: 'test',
    format: 'rootfs',
    digest: null,
    names: [],
    platform: { os, architecture: 'amd64', variant: null, osVersion: null, osFeatures: [] },
    indexPlatform: null,
    manifestMediaType: null,
    config: { ...EMPTY_CONFIG, ...config },
    layers: [],
  };
}
