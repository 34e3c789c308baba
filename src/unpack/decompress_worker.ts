/// <reference lib="deno.worker" />
import { DrayError, IntegrityError } from "../errors.ts";
import { growingChunks, GrowingFile } from "../io/growing_file.ts";
import { blobChunks } from "./blob_chunks.ts";
import { decompress } from "./decompress.ts";
import {
  type DecompressAnswer,
  type DecompressRequest,
  MAX_CHUNK_BYTES,
  MAX_CHUNKS_AHEAD,
} from "./decompress_message.ts";

// The thread that reads and decompresses: Deno's zlib works on the thread that calls it. Its
// memory goes round: to make new for each chunk would cost as much as decompressing zstd does.
const free: ArrayBuffer[] = Array.from(
  { length: MAX_CHUNKS_AHEAD },
  () => new ArrayBuffer(MAX_CHUNK_BYTES),
);
const growing = new Map<number, GrowingFile>();
let wake: () => void = () => {};
let last: Promise<void> = Promise.resolve();

self.addEventListener(
  "message",
  ({ data }: MessageEvent<DecompressRequest>) => {
    switch (data.kind) {
      case "used":
        free.push(data.memory);
        return wake();
      case "growth":
        return growing.get(data.job)?.follow(data.growth);
      case "file": {
        const { job, path } = data;
        if (data.grows) growing.set(job, new GrowingFile());
        last = last.then(() => send(job, path));
      }
    }
  },
);

async function send(job: number, path: string): Promise<void> {
  const file = growing.get(job);
  const source = file === undefined
    ? blobChunks(path)
    : growingChunks(file, { wholePath: path });
  try {
    for await (const bytes of packed(decompress(source))) {
      answer({ kind: "chunk", job, bytes });
    }
    answer({ kind: "end", job });
  } catch (error) {
    answer({
      kind: "error",
      job,
      integrity: error instanceof IntegrityError,
      code: error instanceof DrayError ? error.code : "io",
      message: error instanceof Error ? error.message : String(error),
    });
  } finally {
    growing.delete(job);
  }
}

/** The same bytes in memory of this thread's own, as many together as there is room for. */
async function* packed(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let memory: ArrayBuffer | undefined;
  let used = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      memory ??= await takeMemory();
      const piece = chunk.subarray(at, at + MAX_CHUNK_BYTES - used);
      new Uint8Array(memory, used).set(piece);
      at += piece.length;
      used += piece.length;
      if (used < MAX_CHUNK_BYTES) continue;
      yield new Uint8Array(memory, 0, used);
      memory = undefined;
      used = 0;
    }
  }
  if (memory !== undefined) yield new Uint8Array(memory, 0, used);
}

async function takeMemory(): Promise<ArrayBuffer> {
  while (true) {
    const memory = free.pop();
    if (memory !== undefined) return memory;
    await new Promise<void>((resolve) => wake = resolve);
  }
}

function answer(message: DecompressAnswer): void {
  const moved = message.kind === "chunk" ? [message.bytes.buffer] : [];
  self.postMessage(message, moved);
}
