import { expect, test } from 'vitest';
import { parseElf } from '../../src/binary/elf/index.js';
import { memoryView } from '../../src/model/view.js';
import { followStart } from '../../src/start/index.js';
import { elf } from '../support/elf-builder.js';
import { rootfs } from '../support/rootfs-builder.js';
import { imageOf } from '../support/start-builder.js';

/** The kernel answers ENOEXEC where the file ends in its program headers; chroot shows it (test/conformance/pairs). */
test.each([
  ['ends in its header table', 64, 'damaged'],
  ['is whole', undefined, 'elf'],
] as const)('an ELF file that %s is to the kernel: %s bytes, %s', (_, end, format) => {
  const bytes = elf({ kind: 'executable', entry: 0x1000n }).slice(0, end);
  const parsed = parseElf(memoryView(bytes));
  if (!parsed.ok) throw new Error(parsed.error.kind);
  const content = { kind: 'binary', binary: parsed.value, references: [] } as const;
  const files = rootfs({ '/app': { content, size: bytes.length } });
  expect(followStart(imageOf({ cmd: ['/app'] }), files).programs[0]?.format).toBe(format);
});
