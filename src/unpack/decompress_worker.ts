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
let taken: ArrayBuffer | undefined;
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
    for await (const chunk of decompress(source, { takeMemory })) {
      // Sound: it lies in the memory that was taken for it.
      const bytes = chunk as Uint8Array<ArrayBuffer>;
      taken = undefined;
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

/** The next job goes on with what this one took and didn't fill. */
async function takeMemory(): Promise<Uint8Array<ArrayBuffer>> {
  while (true) {
    taken ??= free.pop();
    if (taken !== undefined) return new Uint8Array(taken);
    await new Promise<void>((resolve) => wake = resolve);
  }
}

function answer(message: DecompressAnswer): void {
  const moved = message.kind === "chunk" ? [message.bytes.buffer] : [];
  self.postMessage(message, moved);
}
