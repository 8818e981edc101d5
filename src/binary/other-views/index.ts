import type { Binary } from '../../model/binary.js';
import { viewWithElfy } from './elfy.js';
import { viewWithPeLibrary } from './pe-library.js';
import type { OtherView } from './view.js';

export type { OtherResource, OtherSection, OtherView } from './view.js';

/** Another library's view of one whole file, to be shown beside ours; null where there is no library for the format. */
export async function otherView(format: Binary['format'], bytes: Uint8Array): Promise<OtherView | null> {
  switch (format) {
    case 'elf':
      return viewWithElfy(bytes);
    case 'pe':
      return viewWithPeLibrary(bytes);
    case 'mach-o':
      return Promise.resolve(null);
  }
}
