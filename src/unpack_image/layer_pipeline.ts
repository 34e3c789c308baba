import type { Store } from "../store/store.ts";
import { Decompressor } from "../unpack/decompressor.ts";
import { unpackLayer } from "../unpack/unpack_layer.ts";
import { LimitGuard } from "../unpack/unpack_limits.ts";
import type { UnpackTarget } from "../unpack/unpack_target.ts";
import type { ImageLayer } from "../store/image_layers.ts";
import { tellDamage } from "./layer_failure.ts";
import type { UnpackOptions } from "./unpack_options.ts";

/** Unpacks layers in order; while one is written, the next is decompressed already. */
export class LayerPipeline implements Disposable {
  readonly #store: Store;
  readonly #options: UnpackOptions;
  readonly #guard: LimitGuard;
  readonly #decompressor = new Decompressor();

  constructor(options: UnpackOptions) {
    this.#store = options.store;
    this.#options = options;
    this.#guard = new LimitGuard(options.limits);
  }

  /**
   * @param targetOf Where a layer goes; called when its turn comes.
   * @returns uncompressed bytes of each.
   */
  async run(
    layers: readonly ImageLayer[],
    targetOf: (layer: ImageLayer, position: number) => UnpackTarget,
    onDone: (layer: ImageLayer, target: UnpackTarget) => void = () => {},
  ): Promise<readonly number[]> {
    const { onEvent, signal } = this.#options;
    const bytes: number[] = [];
    let next = this.#open(layers[0]);
    for (const [position, layer] of layers.entries()) {
      signal?.throwIfAborted();
      const { digest, diffId, size } = layer;
      const chunks = next;
      next = this.#open(layers[position + 1]);
      onEvent?.({ event: "unpack-start", digest });
      const target = targetOf(layer, position);
      const work = unpackLayer({ digest, diffId, size, chunks }, target, {
        guard: this.#guard,
        signal,
      });
      bytes.push(await tellDamage(work, layer, this.#store));
      onDone(layer, target);
      onEvent?.({ event: "unpack-done", digest });
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#decompressor[Symbol.dispose]();
  }

  #open(layer: ImageLayer | undefined): AsyncIterable<Uint8Array> {
    if (layer === undefined) return NOTHING;
    const path = this.#store.blobPath(layer.digest);
    return this.#decompressor.open(path, layer.size);
  }
}

const NOTHING: AsyncIterable<Uint8Array> = (async function* () {})();
