import { toLocalError } from "../io/local_error.ts";

const CHUNK_BYTES = 256 * 1024;

/** A file's bytes. A chunk is valid until the next one: they share their memory. */
export async function* blobChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const chunk = new Uint8Array(CHUNK_BYTES);
    while (true) {
      const length = await file.read(chunk);
      if (length === null) return;
      yield chunk.subarray(0, length);
    }
  } catch (error) {
    throw toLocalError(error, "read", path);
  }
}
