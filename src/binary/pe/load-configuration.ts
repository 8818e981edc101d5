import type { PeBinary } from '../../model/binary.js';
import { DIRECTORY, IMAGE_FILE_MACHINE } from './constants.js';
import type { PeImage } from './sections.js';

/**
 * CHPEMetadataPointer of the load configuration (winnt.h, IMAGE_LOAD_CONFIG_DIRECTORY64): where it is set, an
 * AMD64 image is ARM64EC and an ARM64 image is ARM64X. An I386 image with it is the hybrid of Windows 10 on Arm,
 * which is x86 to everyone else.
 */
const CHPE_POINTER_AT = 200;

export function readHybrid(image: PeImage): PeBinary['hybrid'] {
  const { Machine } = image.header;
  if (Machine === IMAGE_FILE_MACHINE.ARM64EC) return 'arm64ec';
  if (Machine === IMAGE_FILE_MACHINE.ARM64X) return 'arm64x';
  if (Machine !== IMAGE_FILE_MACHINE.AMD64 && Machine !== IMAGE_FILE_MACHINE.ARM64) return null;
  if (!hasChpeMetadata(image)) return null;
  return Machine === IMAGE_FILE_MACHINE.AMD64 ? 'arm64ec' : 'arm64x';
}

/** The structure grew over the years: its first field says how long this one is. */
function hasChpeMetadata(image: PeImage): boolean {
  const directory = image.header.directories[DIRECTORY.loadConfiguration];
  if (directory === undefined || directory.rva === 0 || !image.header.isPe32Plus) return false;
  const size = image.fields(directory.rva, 4, 'load configuration').getUint32(0, true);
  const at = CHPE_POINTER_AT;
  if (size < at + 8) return false;
  return image.fields(directory.rva + at, 8, 'load configuration').getBigUint64(0, true) !== 0n;
}
