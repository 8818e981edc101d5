/**
 * Mutation that knows how binary formats are built: numbers are replaced by their boundary values where numbers are
 * likely to stand, pointers are followed, parts are moved, repeated and cut.
 */
import type { Random } from './random.js';
import type { Target } from './target.js';

/** Mutations of one input: mostly few, so that the rest of the file stays meaningful. */
const MOST_STEPS = 6;
/** Headers and tables stand here in most formats. */
const HEAD = 1024;

const BOUNDARIES = [
  0n,
  1n,
  2n,
  7n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x10000n,
  0x7fffffffn,
  0x80000000n,
  0xfffffff0n,
  0xffffffffn,
  0x100000000n,
  0x1fffffffffffffn,
  0x20000000000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
] as const;

/** An input for a target: a member of the corpus, changed in one to six places. */
export function mutate(target: Target, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(random.pick(corpus) ?? []);
  const steps = 1 + random.below(random.chance(70) ? 2 : MOST_STEPS);
  for (let step = 0; step < steps; step++) {
    const other = random.pick(corpus) ?? bytes;
    bytes =
      target.text === true && random.chance(70)
        ? textStep(bytes, other, target.words ?? [], random)
        : byteStep(bytes, other, random);
    if (bytes.length > target.maxBytes) bytes = bytes.slice(0, target.maxBytes);
  }
  if (target.repair !== undefined && random.chance(90)) target.repair(bytes);
  return bytes;
}

type Step = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const BYTE_STEPS: readonly [Step, ...Step[]] = [
  flipBit,
  setNumber,
  setNumber,
  setNumber,
  setNumber,
  addToNumber,
  copyNumber,
  truncate,
  removePart,
  repeatPart,
  movePart,
  fillPart,
  splice,
];

function byteStep(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  return bytes.length === 0 ? other.slice() : random.pick(BYTE_STEPS)(bytes, other, random);
}

/** A place in the file: anywhere, in its head, or where a number of the head points to. */
function place(bytes: Uint8Array, random: Random): number {
  const head = random.below(Math.min(HEAD, bytes.length));
  const aligned = head - (head % random.pick([1, 2, 4, 8]));
  switch (random.below(4)) {
    case 0:
      return random.below(bytes.length);
    case 1:
      return head;
    case 2:
      return aligned;
    default:
      return aligned + 4 > bytes.length
        ? aligned
        : Math.min(view(bytes).getUint32(aligned, random.chance(85)), bytes.length - 1);
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function flipBit(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const at = place(bytes, random);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function setNumber(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const at = place(bytes, random);
  const size = BigInt(bytes.length);
  const value = random.pick([
    ...BOUNDARIES,
    size,
    size - 1n,
    size + 1n,
    BigInt(at),
    size - BigInt(at),
    BigInt(random.word()),
  ]);
  return put(bytes, at, value, random);
}

function addToNumber(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const at = place(bytes, random);
  const change = random.pick([1n, -1n, 2n, -2n, 8n, -8n, 512n, -512n]);
  return put(bytes, at, BigInt.asUintN(64, (get(bytes, at) + change) << BigInt(random.chance(10) ? 1 : 0)), random);
}

/** A number of another place: pointers that cross or lead back. */
function copyNumber(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  return put(bytes, place(bytes, random), get(bytes, place(bytes, random)), random);
}

function get(bytes: Uint8Array, at: number): bigint {
  return at + 4 > bytes.length ? BigInt(bytes[at] ?? 0) : BigInt(view(bytes).getUint32(at, true));
}

function put(bytes: Uint8Array, at: number, value: bigint, random: Random): Uint8Array {
  const width = random.pick([1, 2, 4, 4, 8]);
  const little = random.chance(85);
  for (let index = 0; index < width && at + index < bytes.length; index++) {
    const shift = BigInt(8 * (little ? index : width - 1 - index));
    bytes[at + index] = Number((value >> shift) & 0xffn);
  }
  return bytes;
}

function truncate(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(
    0,
    random.chance(50) ? random.below(bytes.length) : bytes.length - Math.min(bytes.length, random.below(64)),
  );
}

function part(bytes: Uint8Array, random: Random): readonly [number, number] {
  const from = place(bytes, random);
  const unit = random.pick([1, 4, 16, 64, 512]);
  return [from, Math.min(bytes.length, from + unit * (1 + random.below(8)))];
}

function removePart(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const [from, to] = part(bytes, random);
  return joined(bytes.subarray(0, from), bytes.subarray(to));
}

function repeatPart(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const [from, to] = part(bytes, random);
  const times = random.chance(90) ? 1 + random.below(4) : 1 + random.below(200);
  return joined(
    bytes.subarray(0, to),
    ...Array.from({ length: times }, () => bytes.subarray(from, to)),
    bytes.subarray(to),
  );
}

function movePart(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const [from, to] = part(bytes, random);
  bytes.copyWithin(place(bytes, random), from, to);
  return bytes;
}

function fillPart(bytes: Uint8Array, _: Uint8Array, random: Random): Uint8Array {
  const [from, to] = part(bytes, random);
  if (random.chance(50)) return bytes.fill(random.pick([0, 0xff, 0x41, 0x2f, 0x0a]), from, to);
  bytes.set(random.bytes(to - from), from);
  return bytes;
}

function splice(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  return joined(
    bytes.subarray(0, at),
    other.subarray(random.chance(50) ? Math.min(at, other.length) : random.below(other.length)),
  );
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Words, lines and brackets of a text are put in, taken out, repeated and nested. */
function textStep(bytes: Uint8Array, other: Uint8Array, words: readonly string[], random: Random): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const at = random.below(text.length + 1);
  const to = Math.min(text.length, at + random.below(random.chance(80) ? 12 : 200));
  const word = random.pick(words) ?? ' ';
  switch (random.below(7)) {
    case 0:
      return latin1(text.slice(0, at) + word + text.slice(at));
    case 1:
      return latin1(text.slice(0, at) + word + text.slice(to));
    case 2:
      return latin1(text.slice(0, at) + text.slice(to));
    case 3:
      return latin1(
        text.slice(0, to) + text.slice(at, to).repeat(1 + random.below(random.chance(90) ? 5 : 400)) + text.slice(to),
      );
    case 4:
      return latin1(text.slice(0, at) + word.repeat(1 + random.below(random.chance(90) ? 8 : 3000)) + text.slice(at));
    case 5:
      return swapLines(text, random);
    default:
      return latin1(text.slice(0, at) + Buffer.from(other).toString('latin1').slice(random.below(other.length)));
  }
}

function swapLines(text: string, random: Random): Uint8Array {
  const lines = text.split('\n');
  const [from, to] = [random.below(lines.length), random.below(lines.length)];
  lines.splice(to, random.below(2), lines[from] ?? '');
  return latin1(lines.join('\n'));
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}
