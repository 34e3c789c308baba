import { damagedContent } from "./damaged_content.ts";
import {
  createZlibStream,
  type Packing,
  type ZlibStream,
} from "./node_zlib.ts";

/**
 * Decompresses gzip of any number of members, or one frame of zstd, by a stream of `node:zlib`.
 *
 * @throws IntegrityError `compression-invalid`; and what the source throws.
 */
export async function* inflateStream(
  source: AsyncIterable<Uint8Array>,
  compression: Packing,
): AsyncGenerator<Uint8Array> {
  const stream = createZlibStream(compression);
  const feeding = feed(source, stream);
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    stream.destroy();
    const sourceError = await feeding;
    throw sourceError === undefined
      ? damagedContent(compression, error)
      : sourceError.reason;
  } finally {
    stream.destroy();
    await feeding;
  }
}

/** Never rejects: what goes wrong with the source ends the stream, and is returned. */
async function feed(
  source: AsyncIterable<Uint8Array>,
  stream: ZlibStream,
): Promise<{ readonly reason: unknown } | undefined> {
  try {
    for await (const chunk of source) {
      if (stream.destroyed) return undefined;
      await written(stream, chunk);
    }
    stream.end();
    return undefined;
  } catch (error) {
    stream.destroy(new Error("the source failed"));
    return { reason: error };
  }
}

/** Resolves when the stream has no more use for the bytes, or is no more. */
function written(stream: ZlibStream, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("close", done);
      resolve();
    };
    stream.on("close", done);
    stream.write(chunk, done);
  });
}
