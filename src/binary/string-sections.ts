import type { ByteRange } from '../model/collector.js';
import type { Binary } from '../model/binary.js';
import type { FileView } from '../model/view.js';
import { stringSections as elfSections } from './elf/strings.js';
import { stringSections as peSections } from './pe/string-sections.js';

/** Ranges of a file in which its string literals can stand; none where the format or its headers do not say. */
export function stringSections(format: Binary['format'], view: FileView): readonly ByteRange[] {
  switch (format) {
    case 'elf':
      return elfSections(view).map(({ range }) => range);
    case 'pe': {
      const found = peSections(view);
      return found.ok ? found.value : [];
    }
    case 'mach-o':
      return [];
  }
}
