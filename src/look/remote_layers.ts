import type { Descriptor } from "../spec/descriptor.ts";
import { decompress } from "../unpack/decompress.ts";
import type { LayerSource } from "../unpack/layer_source.ts";

/** Opens a blob as a stream that checks its digest at its end. */
export type FetchLayer = (
  descriptor: Descriptor,
) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;

/**
 * Layers that a registry has. Each is asked for when it is opened, and its stream is cancelled
 * where it is left in the middle.
 */
export function remoteLayers(
  layers: readonly Descriptor[],
  fetchLayer: FetchLayer,
): readonly LayerSource[] {
  return layers.map((descriptor) => ({
    digest: descriptor.digest,
    size: descriptor.size,
    open: () => decompress(chunksOf(descriptor, fetchLayer)),
  }));
}

async function* chunksOf(
  descriptor: Descriptor,
  fetchLayer: FetchLayer,
): AsyncGenerator<Uint8Array> {
  yield* await fetchLayer(descriptor);
}
