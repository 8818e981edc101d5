import * as zlib from 'node:zlib';
import { Readable, type Transform } from 'node:stream';
import { CHUNK_BYTES, ChunkReader, type Chunks } from './chunks.js';
import { StreamFault } from '../image/layer.js';
import { badValue, overLimit } from './fault.js';

/** zstddec yields empty pieces for ever once its decoder has failed (spikes.md, section 5). */
const MAX_EMPTY_CHUNKS = 64;
/**
 * zstddec frees its memory, a window of at most 128 MiB, only at the end of a stream. So many may be left before it, by
 * damage or by a limit, until no more are begun in this process.
 */
const MAX_LEFT = 16;
let left = 0;

/** Pieces for the WebAssembly decoder, which copies each into its own memory. */
const WASM_INPUT_BYTES = CHUNK_BYTES;

export interface FrameDecoder {
  /** True where all frames can go to one decoder, joined; false where each needs its own. */
  readonly wholeStream: boolean;
  /** `place` gives the offset up to which the stored stream was read: a fault is there, or up to a piece before. */
  readonly decode: (frames: Chunks, place: () => number) => AsyncGenerator<Uint8Array>;
}

/** The platform's decoder where it has one (Node 22.15 and newer), else the one in WebAssembly. */
export async function frameDecoder(): Promise<FrameDecoder> {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  return isFactory(create) ? builtinDecoder(create) : await wasmDecoder();
}

type Factory = (options: { readonly chunkSize: number }) => Transform;

function isFactory(value: unknown): value is Factory {
  return typeof value === 'function';
}

function builtinDecoder(create: Factory): FrameDecoder {
  async function* decode(frames: Chunks, place: () => number): AsyncGenerator<Uint8Array> {
    const decoder = create({ chunkSize: CHUNK_BYTES });
    const source = Readable.from(frames, { objectMode: false });
    source.once('error', (cause) => decoder.destroy(cause));
    source.pipe(decoder);
    try {
      for await (const chunk of decoder) {
        if (chunk instanceof Uint8Array) yield chunk;
      }
    } catch (cause) {
      throw decoderFault(cause, place());
    } finally {
      source.destroy();
      decoder.destroy();
    }
  }
  return { wholeStream: false, decode };
}

export async function wasmDecoder(): Promise<FrameDecoder> {
  // A quarter of a megabyte of code that few images need.
  const { ZSTDDecoder } = await import('zstddec/stream');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  async function* decode(frames: Chunks, place: () => number): AsyncGenerator<Uint8Array> {
    const reader = new ChunkReader(frames);
    // The decoder pulls its input synchronously, one piece at most between two outputs: keep one piece ready.
    const ready: Uint8Array[] = [];
    function* input(): Generator<Uint8Array> {
      for (let piece = ready.shift(); piece !== undefined; piece = ready.shift()) yield piece;
    }
    const output = decoder.decodeStreaming(input());
    let empty = 0;
    let ended = false;
    if (left >= MAX_LEFT) throw overLimit(place(), 'damaged zstd streams', MAX_LEFT);
    try {
      for (;;) {
        if (ready.length === 0) await refill(ready, reader);
        const step = output.next();
        ended = step.done === true;
        if (step.done === true) return;
        empty = step.value.length === 0 ? empty + 1 : 0;
        if (empty >= MAX_EMPTY_CHUNKS) throw badValue(place(), 'frame content', 'not decodable');
        if (step.value.length > 0) yield step.value;
      }
    } catch (cause) {
      throw decoderFault(cause, place());
    } finally {
      ready.length = 0;
      if (!ended && !finishes(output)) left += 1;
    }
  }
  return { wholeStream: true, decode };
}

async function refill(ready: Uint8Array[], reader: ChunkReader): Promise<void> {
  const piece = await reader.take(WASM_INPUT_BYTES);
  if (piece.length > 0) ready.push(piece);
}

/** Lets the decoder come to its end, where it frees its memory; it has no more input. */
function finishes(output: Generator<Uint8Array>): boolean {
  try {
    for (let step = 0; step < MAX_EMPTY_CHUNKS; step++) {
      if (output.next().done === true) return true;
    }
    return false;
  } catch {
    return true; // "Incomplete stream", thrown after the memory is free
  }
}

function decoderFault(cause: unknown, at: number): Error {
  if (cause instanceof StreamFault) return cause;
  return badValue(at, 'frame content', cause instanceof Error ? cause.message : String(cause));
}
