import type { Descriptor } from "../spec/descriptor.ts";
import { decompress } from "../unpack/decompress.ts";
import type { LayerSource } from "../unpack/layer_source.ts";

/** Opens a blob as a stream that checks its digest at its end. */
export type FetchLayer = (
  descriptor: Descriptor,
) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;

/**
 * Layers that a registry has. Each is asked for when it is opened, and its stream is cancelled
 * at once where it is left in the middle, whatever it was waiting for.
 */
export function remoteLayers(
  layers: readonly Descriptor[],
  fetchLayer: FetchLayer,
): readonly LayerSource[] {
  return layers.map((descriptor) => ({
    digest: descriptor.digest,
    size: descriptor.size,
    open: () => ({
      [Symbol.asyncIterator]: () =>
        new RemoteChunks(() => fetchLayer(descriptor)),
    }),
  }));
}

/** The uncompressed bytes of a layer. No generator: that could not be left while it waits. */
class RemoteChunks implements AsyncIterator<Uint8Array> {
  readonly #openBlob: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  readonly #chunks: AsyncGenerator<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;

  constructor(
    openBlob: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>,
  ) {
    this.#openBlob = openBlob;
    this.#chunks = decompress(this.#read());
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return this.#chunks.next();
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    const left = this.#chunks.return(undefined);
    // Or whoever decompresses waits for what may never come.
    await this.#reader?.cancel();
    return await left;
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    const reader = (await this.#openBlob()).getReader();
    this.#reader = reader;
    try {
      while (true) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    } finally {
      // It may have been left while it was still being opened. A failure was thrown already.
      await reader.cancel().catch(() => {});
    }
  }
}
