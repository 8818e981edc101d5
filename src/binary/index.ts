import type { Binary } from '../model/binary.js';
import type { FormatError } from '../model/gap.js';
import type { Result } from '../model/result.js';
import type { FileView } from '../model/view.js';
import { atDoor } from './door.js';
import { elfFormat } from './elf/index.js';
import type { BinaryFormat } from './format.js';
import { machoFormat } from './macho/index.js';
import { peFormat } from './pe/index.js';

/** Every format of binaries; the first that claims a file reads it. */
export const formats: readonly BinaryFormat[] = [elfFormat, peFormat, machoFormat];

/** Bytes that are enough for every format to claim a file. */
const SNIFF_BYTES = 64;

/** The format that the first bytes of a file claim; null where none does. */
export function formatOf(head: Uint8Array): BinaryFormat | null {
  return formats.find((format) => format.sniff(head)) ?? null;
}

/** Reads a binary of any format; null where the file does not claim to be one. */
export function parseBinary(view: FileView): Result<Binary, FormatError> | null {
  const head = atDoor(() => view.read(0, SNIFF_BYTES).slice());
  if (!head.ok) return head;
  return formatOf(head.value)?.parse(view) ?? null;
}
