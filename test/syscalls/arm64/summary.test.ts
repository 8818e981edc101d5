import { describe, expect, test } from 'vitest';
import { memoryView } from '../../../src/model/view.js';
import { summariseCode } from '../../../src/syscalls/summary.js';
import { codeFile, words } from '../../support/code-builder.js';

function numbers(...code: readonly number[]): readonly (number | null)[] {
  const result = summariseCode(memoryView(codeFile(words(...code), { machine: 'aarch64' })));
  if (!result.ok) throw new Error(result.error.kind);
  return [...new Set(result.value.nodes.flatMap(({ sites }) => sites.map(({ number }) => number)))];
}

/** Words as llvm-objdump 14 takes them apart. */
const SVC = 0xd4000001;
const RET = 0xd65f03c0;
const NOP = 0xd503201f;

describe('the number of a call', () => {
  test('a constant in x8', () => {
    // mov x8, #93
    expect(numbers(0xd2800ba8, SVC)).toEqual([93]);
  });

  test('a constant that another register keeps over a call', () => {
    // stp…; mov x19, #172; bl +12; mov x8, x19; svc; ret
    expect(numbers(0xd2801593, 0x94000004, 0xaa1303e8, SVC, RET, RET)).toEqual([172]);
  });

  test('both ways that lead to it', () => {
    // mov w8, #93; cbz w0, +8; mov w8, #94; svc
    expect(numbers(0x52800ba8, 0x34000040, 0x52800bc8, SVC, RET)).toEqual([93, 94]);
  });

  test('zero where the branch in front of it was taken on zero', () => {
    // ldr x8, [x1]; cbz x8, +8; ret; svc
    expect(numbers(0xf9400028, 0xb4000048, RET, SVC, RET)).toEqual([0]);
  });

  test('a word of the stack', () => {
    // mov x0, #93; str x0, [sp, #-16]!; ldr x8, [sp]; svc
    expect(numbers(0xd2800ba0, 0xf81f0fe0, 0xf94003e8, SVC)).toEqual([93]);
  });

  test('an argument of the function is what its callers hand on', () => {
    // mov x0, #93; bl f; mov x0, #172; bl f; ret; nop …; f: mov x8, x0; svc; ret
    const main = [0xd2800ba0, 0x94000007, 0xd2801580, 0x94000005, RET, NOP, NOP, NOP];
    expect(numbers(...main, 0xaa0003e8, SVC, RET)).toEqual([93, 172]);
  });

  test('what a called function leaves is not known', () => {
    // bl f; mov x8, x0; svc; ret; f: ret
    expect(numbers(0x94000004, 0xaa0003e8, SVC, RET, RET)).toEqual([null]);
  });
});
