import { createHasher } from "../../src/io/hash.ts";
import type { LayerSource } from "../../src/unpack/layer_source.ts";

/** Layers in memory, and what was read of them. */
export interface CountedLayers {
  /** The lowest first. */
  readonly layers: readonly LayerSource[];
  /** Which layers were opened, in order. */
  readonly opened: readonly number[];
  /** Bytes that were read of each layer, in all. */
  readonly bytes: readonly number[];
}

const CHUNK_BYTES = 1000;

/** Makes layers of archives, the lowest first, that count what is read. */
export function countedLayers(tars: readonly Uint8Array[]): CountedLayers {
  const opened: number[] = [];
  const bytes = tars.map(() => 0);
  const layers = tars.map((tar, layer): LayerSource => {
    const hasher = createHasher("sha256");
    hasher.update(tar);
    const digest = hasher.digest();
    return {
      digest,
      diffId: digest,
      size: tar.length,
      open: async function* () {
        opened.push(layer);
        for (let at = 0; at < tar.length; at += CHUNK_BYTES) {
          const chunk = tar.slice(at, at + CHUNK_BYTES);
          bytes[layer] = (bytes[layer] ?? 0) + chunk.length;
          yield chunk;
          // Chunks are valid until the next one only.
          chunk.fill(0xee);
        }
      },
    };
  });
  return { layers, opened, bytes };
}
