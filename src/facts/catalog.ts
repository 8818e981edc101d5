import { defineCatalog } from './catalog-types.js';
import { BINARY_FACTS } from './catalog/binary.js';
import { GUEST_FACTS } from './catalog/guest.js';
import { IMAGE_FACTS } from './catalog/image.js';
import { PROGRAM_FACTS } from './catalog/program.js';
import { REFERENCE_FACTS } from './catalog/reference.js';

/** Every fact that a rule may read: the public vocabulary of rules. A new fact is an entry here and a reader beside it. */
export const catalog = defineCatalog([
  ...IMAGE_FACTS,
  ...PROGRAM_FACTS,
  ...BINARY_FACTS,
  ...REFERENCE_FACTS,
  ...GUEST_FACTS,
]);
