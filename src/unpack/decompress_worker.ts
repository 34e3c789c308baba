/// <reference lib="deno.worker" />
import { DrayError, IntegrityError } from "../errors.ts";
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
let wake: () => void = () => {};
let last: Promise<void> = Promise.resolve();

self.addEventListener(
  "message",
  ({ data }: MessageEvent<DecompressRequest>) => {
    if (data.kind === "used") {
      free.push(data.memory);
      wake();
    } else last = last.then(() => send(data.job, data.path));
  },
);

async function send(job: number, path: string): Promise<void> {
  try {
    for await (const chunk of decompress(blobChunks(path))) {
      for (let at = 0; at < chunk.length; at += MAX_CHUNK_BYTES) {
        const memory = await takeMemory();
        const piece = chunk.subarray(at, at + MAX_CHUNK_BYTES);
        const bytes = new Uint8Array(memory, 0, piece.length);
        bytes.set(piece);
        answer({ kind: "chunk", job, bytes });
      }
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
  }
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
