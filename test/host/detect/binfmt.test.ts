import { describe, expect, test } from 'vitest';
import { parseHandler } from '../../../src/host/detect/binfmt.js';

const handler = (magic: string, mask: string, flags = 'F', interpreter = '/usr/bin/qemu'): string =>
  `enabled\ninterpreter ${interpreter}\nflags: ${flags}\noffset 0\nmagic ${magic}\nmask ${mask}\n`;
const MASK = 'ffffffffffffff00fffffffffffffffffeffffff';

/** Magic of ELF files of a class, byte order and e_machine, as qemu-binfmt-conf.sh writes it. */
const magic = (elfClass: string, order: string, type: string, machine: string): string =>
  `7f454c46${elfClass}${order}01000000000000000000${type}${machine}`;

describe('a handler is recognised by the bytes that it matches:', () => {
  test.each([
    ['x86_64', magic('02', '01', '0200', '3e00')],
    ['i386', magic('01', '01', '0200', '0300')],
    ['aarch64', magic('02', '01', '0200', 'b700')],
    ['arm', magic('01', '01', '0200', '2800')],
    ['riscv64', magic('02', '01', '0200', 'f300')],
    ['riscv32', magic('01', '01', '0200', 'f300')],
    ['s390x', magic('02', '02', '0002', '0016')],
    ['ppc64le', magic('02', '01', '0200', '1500')],
    ['ppc64', magic('02', '02', '0002', '0015')],
    ['loongarch64', magic('02', '01', '0200', '0201')],
    ['alpha', magic('02', '01', '0200', '2690')],
    ['other-94', magic('01', '01', '0200', '5e00')],
  ])('%s', (machine, bytes) => {
    expect(parseHandler(handler(bytes, MASK))).toMatchObject({ machine, kind: 'qemu-user', flags: 'F', enabled: true });
  });
});

test('Rosetta, Wine and others are told by their interpreter', () => {
  const bytes = magic('02', '01', '0200', '3e00');
  expect(parseHandler(handler(bytes, MASK, 'OCF', '/mnt/lima-rosetta/rosetta'))).toMatchObject({ kind: 'rosetta' });
  expect(parseHandler(handler(bytes, MASK, 'POCF', '/usr/bin/FEXInterpreter'))).toMatchObject({ kind: 'other' });
  expect(parseHandler('enabled\ninterpreter /usr/bin/wine\nflags: \noffset 0\nmagic 4d5a\n')).toMatchObject({
    machine: 'pe',
    kind: 'wine',
    flags: '',
  });
});

test('what matches no machine code is no emulator', () => {
  expect(parseHandler('enabled\ninterpreter /usr/bin/java\nflags: \nextension .jar\n')).toBeNull();
  expect(parseHandler('enabled\ninterpreter /usr/bin/jexec\nflags: \noffset 0\nmagic cafebabe\n')).toBeNull();
  expect(parseHandler('')).toBeNull();
  // The magic ends before e_machine, so that every ELF file would match.
  expect(parseHandler(handler('7f454c46', 'ffffffff'))).toBeNull();
  // The mask leaves the machine open.
  expect(parseHandler(handler(magic('02', '01', '0200', '3e00'), `${MASK.slice(0, 36)}0000`))).toBeNull();
});

test('a handler that is switched off, or all of them, is not enabled', () => {
  const text = handler(magic('02', '01', '0200', 'b700'), MASK);
  expect(parseHandler(text.replace('enabled', 'disabled'))).toMatchObject({ enabled: false });
  expect(parseHandler(text, false)).toMatchObject({ enabled: false });
});
