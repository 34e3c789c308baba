import { concatBytes } from "../tar/concat_bytes.ts";
import { ChunkMemory, packChunks, type TakeMemory } from "./chunk_memory.ts";
import { findCompression, MAGIC_BYTES } from "./compression.ts";
import { damagedContent } from "./damaged_content.ts";
import { inflateStream } from "./inflate_stream.ts";
import { Inflater } from "./inflater.ts";
import { CHUNK_BYTES, type Packing } from "./node_zlib.ts";
import { ZstdFrames } from "./zstd_frames.ts";

/** How {@linkcode decompress} goes about it. */
export interface DecompressOptions {
  /**
   * Gives memory for each chunk, which is filled before it is yielded, and is the caller's then.
   * Default: all chunks share one memory, and are yielded as soon as there is something in it.
   */
  readonly takeMemory?: TakeMemory | undefined;
}

/**
 * Decompresses a layer: gzip of any number of members, zstd of any number of frames, or nothing
 * at all, by its first bytes. A chunk is valid until the next one, on both sides.
 *
 * @throws IntegrityError `compression-unsupported` or `compression-invalid`; and what the source
 * throws.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  { takeMemory }: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    const head = await readHead(iterator);
    const all = chain(head, iterator);
    const compression = findCompression(head);
    if (compression === "none") {
      yield* takeMemory === undefined ? all : packChunks(all, takeMemory);
      return;
    }
    using inflater = Inflater.open(compression);
    if (inflater !== undefined) {
      const checked = compression === "zstd" ? wholeFrames(all) : all;
      yield* inflate(checked, inflater, { compression, takeMemory });
      return;
    }
    const chunks = inflateStreams(all, compression);
    yield* takeMemory === undefined ? chunks : packChunks(chunks, takeMemory);
  } finally {
    await iterator.return?.();
  }
}

/** By the streams of `node:zlib`: slower, but theirs is an interface that is documented. */
export async function* inflateStreams(
  source: AsyncGenerator<Uint8Array>,
  compression: Packing,
): AsyncGenerator<Uint8Array> {
  if (compression === "gzip") return yield* inflateStream(source, compression);
  const frames = new ZstdFrames(source);
  while (await frames.nextFrame()) {
    yield* inflateStream(frames.frame(), compression);
  }
}

interface InflateOptions extends DecompressOptions {
  readonly compression: Packing;
}

async function* inflate(
  source: AsyncIterable<Uint8Array>,
  inflater: Inflater,
  { compression, takeMemory }: InflateOptions,
): AsyncGenerator<Uint8Array> {
  const memory = new ChunkMemory(takeMemory ?? oneMemory());
  const isReady = (isFull: boolean): boolean =>
    isFull || takeMemory === undefined;
  let isOver = false;
  for await (const input of source) {
    // What follows the end is read all the same: somebody may hash it.
    for (let rest = input, more = !isOver; more;) {
      const room = await memory.room();
      const { read, written } = inflater.write(rest, room);
      rest = rest.subarray(read);
      const isFull = memory.fill(written);
      more = isFull || rest.length > 0;
      isOver = rest.length > 0 && read === 0 && written === 0;
      if (isOver) break;
      const chunk = isReady(isFull) ? memory.flush() : undefined;
      if (chunk !== undefined) yield chunk;
    }
    // Zeros may follow gzip, up to a whole block of a tape.
    if (isOver && compression === "zstd") {
      throw damagedContent(compression, "something else follows a frame");
    }
  }
  for (let isFull = true; isFull;) {
    isFull = memory.fill(inflater.finish(await memory.room()));
    const chunk = memory.flush();
    if (chunk !== undefined) yield chunk;
  }
}

/** Memory that is given again and again. */
function oneMemory(): TakeMemory {
  const memory = new Uint8Array(CHUNK_BYTES);
  return () => Promise.resolve(memory);
}

/** The frames and nothing else, and the last one to its end: the decoder tells neither. */
async function* wholeFrames(
  source: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames(source);
  while (await frames.nextFrame()) yield* frames.frame();
}

async function readHead(
  iterator: AsyncIterator<Uint8Array>,
): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < MAGIC_BYTES) {
    const { done, value } = await iterator.next();
    if (done) break;
    const enough = head.length === 0 && value.length >= MAGIC_BYTES;
    head = enough ? value : concatBytes([head, value]);
  }
  return head;
}

async function* chain(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  while (true) {
    const { done, value } = await iterator.next();
    if (done) return;
    yield value;
  }
}
