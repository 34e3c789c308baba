import { IntegrityError } from "../errors.ts";
import { concatBytes } from "../tar/concat_bytes.ts";
import {
  type Compression,
  findCompression,
  MAGIC_BYTES,
} from "./compression.ts";
import { ZstdFrames } from "./zstd_frames.ts";

type NodeZlib = Pick<
  typeof import("node:zlib"),
  "createGunzip" | "createZstdDecompress"
>;
type Engine = ReturnType<NodeZlib["createGunzip"]>;

interface NodeProcess {
  readonly process: { getBuiltinModule(name: "node:zlib"): NodeZlib };
}

/** Larger chunks are no faster; with smaller ones (16 KiB) the rate is half. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Decompresses a layer: gzip of any number of members, zstd of any number of frames, or nothing
 * at all, by its first bytes. A chunk is valid until the next one, on both sides.
 *
 * @throws IntegrityError `compression-unsupported` or `compression-invalid`; and what the source
 * throws.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    const head = await readHead(iterator);
    const all = chain(head, iterator);
    const compression = findCompression(head);
    if (compression === "none") yield* all;
    else if (compression === "gzip") yield* inflate(all, compression);
    else {
      const frames = new ZstdFrames(all);
      while (await frames.nextFrame()) {
        yield* inflate(frames.frame(), compression);
      }
    }
  } finally {
    await iterator.return?.();
  }
}

async function* inflate(
  source: AsyncGenerator<Uint8Array>,
  compression: Exclude<Compression, "none">,
): AsyncGenerator<Uint8Array> {
  const engine = createEngine(compression);
  const feeding = feed(source, engine);
  try {
    for await (const chunk of engine) yield chunk;
  } catch (error) {
    engine.destroy();
    const sourceError = await feeding;
    throw sourceError === undefined
      ? damaged(error, compression)
      : sourceError.reason;
  } finally {
    engine.destroy();
    await feeding;
  }
}

function createEngine(compression: Exclude<Compression, "none">): Engine {
  // Sound: Deno has `process` as a global, and the method since 2.1; dray's Deno is pinned.
  const zlib = (globalThis as unknown as NodeProcess).process.getBuiltinModule(
    "node:zlib",
  );
  const options = { chunkSize: CHUNK_BYTES };
  return compression === "gzip"
    ? zlib.createGunzip(options)
    : zlib.createZstdDecompress(options);
}

/** Never rejects: what goes wrong with the source ends the engine, and is returned. */
async function feed(
  source: AsyncGenerator<Uint8Array>,
  engine: Engine,
): Promise<{ readonly reason: unknown } | undefined> {
  try {
    for await (const chunk of source) {
      if (engine.destroyed) return undefined;
      await written(engine, chunk);
    }
    engine.end();
    return undefined;
  } catch (error) {
    engine.destroy(new Error("the source failed"));
    return { reason: error };
  }
}

/** Resolves when the engine has no more use for the bytes, or is no more. */
function written(engine: Engine, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      engine.off("close", done);
      resolve();
    };
    engine.on("close", done);
    engine.write(chunk, done);
  });
}

function damaged(error: unknown, compression: Compression): IntegrityError {
  const why = error instanceof Error ? error.message : String(error);
  return new IntegrityError(
    "compression-invalid",
    `Cannot unpack layer: its ${compression} is damaged: ${why}`,
    { cause: error },
  );
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
