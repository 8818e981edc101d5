import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryView } from '../../src/model/view.js';
import { summariseCode, type CodeSummary } from '../../src/syscalls/summary.js';
import { codeFile, DATA_ADDRESS, hexBytes } from '../support/code-builder.js';

function summary(code: string, data?: Uint8Array): CodeSummary {
  const result = summariseCode(memoryView(codeFile(code, data === undefined ? {} : { data })));
  if (!result.ok) throw new Error(result.error.kind);
  return result.value;
}

function numbers(code: string, data?: Uint8Array): readonly (number | null)[] {
  return [...new Set(summary(code, data).nodes.flatMap(({ sites }) => sites.map(({ number }) => number)))];
}

const SYSCALL = '0f05';
const RET = 'c3';
const pad = (code: string): string => code.padEnd(Math.ceil(code.length / 32) * 32, '90');

describe('the number of a call', () => {
  test('a constant in front of it', () => {
    // mov $0x3c,%eax
    expect(numbers(`b83c000000 ${SYSCALL}`)).toEqual([60]);
  });

  test('zero by exclusive or', () => {
    // xor %eax,%eax
    expect(numbers(`31c0 ${SYSCALL} ${RET}`)).toEqual([0]);
  });

  test('both ways that lead to it', () => {
    // mov $60,%eax; test %edi,%edi; je +5; mov $231,%eax; syscall
    expect(numbers(`b83c000000 85ff 7405 b8e7000000 ${SYSCALL} ${RET}`)).toEqual([60, 231]);
  });

  test('a register that keeps it over a call', () => {
    // mov $39,%ebx; call f; mov %ebx,%eax; syscall; ret; nop…; f: ret
    expect(numbers(`bb27000000 e804000000 89d8 ${SYSCALL} ${RET}  90`.replace('90', RET))).toEqual([39]);
  });

  test('a word of the stack', () => {
    // push $39; pop %rax; syscall
    expect(numbers(`6a27 58 ${SYSCALL} ${RET}`)).toEqual([39]);
  });

  test('what a called function leaves is not known', () => {
    // call f; syscall; ret; f: ret
    expect(numbers(`e803000000 ${SYSCALL} ${RET} ${RET}`)).toEqual([null]);
  });

  test('zero where the branch in front of it was taken on zero', () => {
    // mov (%rdi),%rax; test %rax,%rax; je L; ret; L: syscall
    expect(numbers(`488b07 4885c0 7401 ${RET} ${SYSCALL} ${RET}`)).toEqual([0]);
  });

  test('an argument of the function is what its callers hand on', () => {
    // mov $39,%edi; call f; mov $102,%edi; call f; ret; f: mov %rdi,%rax; syscall; ret
    const main = pad(hex(`bf27000000 e816000000 bf66000000 e80c000000 ${RET}`));
    expect(numbers(`${main} 4889f8 ${SYSCALL} ${RET}`)).toEqual([39, 102]);
  });

  test('an argument on the stack too', () => {
    // push $39; call f; ret; f: mov 8(%rsp),%rax; syscall; ret
    expect(numbers(`6a27 e801000000 ${RET} 488b442408 ${SYSCALL} ${RET}`)).toEqual([39]);
  });

  test('padding in front of a loop is no way to it', () => {
    // mov $231,%edx; jmp +6; nopw; L: mov %edx,%eax; syscall; jmp L
    expect(numbers(`bae7000000 eb06 660f1f440000 89d0 ${SYSCALL} ebfa`)).toEqual([231]);
  });
});

const hex = (text: string): string => text.replaceAll(/\s+/g, '');

describe('what a function leads to', () => {
  test('a tail jump over another function is a call', () => {
    // main: call f; jmp g; f: ret; g: mov $60,%eax; syscall
    const { nodes, entry } = summary(`${pad('e80b000000e916000000')} ${pad(RET)} b83c000000 ${SYSCALL}`);
    const called = nodes[entry ?? -1]?.calls ?? [];
    expect(called.map((node) => nodes[node]?.sites.map(({ number }) => number))).toEqual([[], [60]]);
  });

  test('a pointer in data that the code reads leads to its function', () => {
    const data = new Uint8Array(8);
    new DataView(data.buffer).setBigUint64(0, 0x401010n, true);
    // main: mov $data,%eax; call *(%rax); ret; f at 0x401010: mov $60,%eax; syscall
    const main = pad(hex(`b8${littleEndian(DATA_ADDRESS)} ff10 ${RET}`));
    const { nodes, entry } = summary(`${main} b83c000000 ${SYSCALL}`, data);
    const taken = nodes[entry ?? -1]?.taken ?? [];
    const behind = taken.flatMap((node) => nodes[node]?.taken ?? []);
    expect(behind.flatMap((node) => nodes[node]?.sites.map(({ number }) => number) ?? [])).toEqual([60]);
  });

  test('a comparison with ENOSYS is seen', () => {
    // cmp $0xffffffda,%eax
    const { nodes, entry } = summary(`83f8da ${RET}`);
    expect(nodes[entry ?? -1]?.checksEnosys).toBe(true);
  });

  test('so is a set of errnos that has it', () => {
    // movabs $0x4000400002,%rcx: EPERM, EINVAL, ENOSYS
    const { nodes, entry } = summary(`48b90200400040000000 ${RET}`);
    expect(nodes[entry ?? -1]?.checksEnosys).toBe(true);
  });
});

function littleEndian(value: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return Buffer.from(bytes).toString('hex');
}

describe('hostile files', () => {
  test('a file for another machine is refused with the place that says so', () => {
    const bytes = codeFile(RET);
    bytes[18] = 40;
    expect(summariseCode(memoryView(bytes))).toMatchObject({ ok: false, error: { kind: 'bad-value', at: 18 } });
  });

  test('any code and any header end in a summary or a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(247), fc.nat(255), (code, at, value) => {
        const bytes = codeFile(Buffer.from(code).toString('hex'), { data: hexBytes('00104000 00000000') });
        bytes[at] = value;
        const result = summariseCode(memoryView(bytes));
        return result.ok ? result.value.nodes.length >= 0 : result.error.at >= 0;
      }),
      { numRuns: 500 },
    );
  });
});
