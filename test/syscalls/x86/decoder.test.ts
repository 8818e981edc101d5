import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_BASE, RIP, X86Decoder } from '../../../src/syscalls/x86/decoder.js';
import { hexBytes } from '../../support/code-builder.js';

/** Encodings with the length that objdump 2.40 gives them, and its text. */
const LENGTHS: readonly (readonly [string, number, string])[] = [
  ['c3', 1, 'ret'],
  ['0f05', 2, 'syscall'],
  ['b83c000000', 5, 'mov $0x3c,%eax'],
  ['48c7c03c000000', 7, 'mov $0x3c,%rax'],
  ['48b8efcdab8967452301', 10, 'movabs $0x123456789abcdef,%rax'],
  ['66b83c00', 4, 'mov $0x3c,%ax'],
  ['488b4424 08', 5, 'mov 0x8(%rsp),%rax'],
  ['8b84248000 0000', 7, 'mov 0x80(%rsp),%eax'],
  ['488b04c5 00204000', 8, 'mov 0x402000(,%rax,8),%rax'],
  ['f6c201', 3, 'test $0x1,%dl'],
  ['f7d8', 2, 'neg %eax'],
  ['f744240c01000000', 8, 'testl $0x1,0xc(%rsp)'],
  ['f30f1efa', 4, 'endbr64'],
  ['662e0f1f840000000000', 10, 'cs nopw 0x0(%rax,%rax,1)'],
  ['0f8400010000', 6, 'je'],
  ['c8100000', 4, 'enter $0x10,$0x0'],
  ['c20800', 3, 'ret $0x8'],
  ['660f3a0fc108', 6, 'palignr $0x8,%xmm1,%xmm0'],
  ['660f3800c1', 5, 'pshufb %xmm1,%xmm0'],
  ['c5f877', 3, 'vzeroupper'],
  ['c5f96f05 10000000', 8, 'vmovdqa 0x10(%rip),%xmm0'],
  ['c4e37d18c101', 6, 'vinsertf128 $0x1,%xmm1,%ymm0,%ymm0'],
  ['62f1fe487f4701', 7, 'vmovdqu64 %zmm0,0x40(%rdi)'],
  ['62f37d481bc101', 7, 'vextractf32x8 $0x1,%zmm0,%ymm1'],
  ['f2ff2500000000', 7, 'bnd jmp *0x0(%rip)'],
  ['64488b042528000000', 9, 'mov %fs:0x28,%rax'],
  ['a10807060504030201', 9, 'movabs 0x102030405060708,%eax'],
  ['8fe97812c0', 5, 'lwpins or another of XOP: five bytes'],
];

describe('length', () => {
  test.each(LENGTHS)('%s has %i bytes: %s', (text, length) => {
    const bytes = hexBytes(text);
    expect(new X86Decoder().decode(Uint8Array.of(...bytes, 0x90, 0x90), 0, bytes.length + 2)).toBe(length);
  });

  test('an instruction that is cut off is none', () => {
    const decoder = new X86Decoder();
    for (const [text] of LENGTHS) {
      const bytes = hexBytes(text);
      for (let end = 0; end < bytes.length; end++) {
        const length = decoder.decode(bytes, 0, end);
        expect(length).toBeLessThanOrEqual(end);
      }
    }
  });

  test('any bytes give a length within what is there', () => {
    const decoder = new X86Decoder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const length = decoder.decode(bytes, 0, bytes.length);
        return length >= 0 && length <= Math.min(15, bytes.length);
      }),
    );
  });
});

describe('operands', () => {
  const decode = (text: string): X86Decoder => {
    const decoder = new X86Decoder();
    const bytes = hexBytes(text);
    decoder.decode(bytes, 0, bytes.length);
    return decoder;
  };

  test('REX reaches the registers above 7', () => {
    // mov %r15,%r10
    expect(decode('4d89fa')).toMatchObject({ opcode: 0x89, mod: 3, reg: 15, rm: 10 });
  });

  test('REX in front of another prefix does not count', () => {
    expect(decode('4166b83c00')).toMatchObject({ rex: 0, immediate: 0x3c });
  });

  test('an operand behind the instruction pointer is counted from the next instruction', () => {
    // lea 0x10(%rip),%rdi
    const decoder = decode('488d3d10000000');
    expect(decoder.base).toBe(RIP);
    expect(decoder.ripTarget(0x1000)).toBe(0x1017);
  });

  test('an operand with an index and no base has none', () => {
    expect(decode('488b04c500204000')).toMatchObject({ base: NO_BASE, index: 0, displacement: 0x402000 });
  });

  test('immediates have their sign', () => {
    // cmp $0xffffffda,%eax
    expect(decode('83f8da').immediate).toBe(-38);
  });
});
