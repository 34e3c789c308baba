import { GrowingFile } from "../io/growing_file.ts";
import type { ImageConfig } from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { holdsFiles } from "../spec/holds_files.ts";
import type { ChosenManifest } from "./descent.ts";
import type { LayerToUnpack, UnpackedFolder } from "./ports.ts";
import type { PullContext } from "./pull_context.ts";
import { WorkGroup } from "./work_group.ts";

/** Where each layer was unpacked to. */
export type UnpackedFolders = ReadonlyMap<Digest, UnpackedFolder>;

/**
 * The unpacking of an image's layers beside their transfer. A failure here ends the other layers'
 * unpacking, and nothing else: what is being transferred is worth having all the same.
 */
export class Unpacking {
  /** Of the blobs that somebody reads while they come. */
  readonly files: ReadonlyMap<Digest, GrowingFile>;
  readonly #context: PullContext;
  readonly #work: WorkGroup;
  readonly #folders = new Map<Digest, UnpackedFolder>();

  /** @param outer Ends it. */
  constructor(
    context: PullContext,
    blobs: readonly Descriptor[],
    outer: AbortSignal,
  ) {
    this.#context = context;
    this.#work = new WorkGroup(outer);
    const isOn = context.unpacker !== undefined && !context.dryRun;
    this.files = new Map(
      isOn ? blobs.map(({ digest }) => [digest, new GrowingFile()]) : [],
    );
  }

  /** Begins, now that it is known which layers make which image. */
  start(
    manifests: readonly ChosenManifest[],
    configs: readonly (ImageConfig | undefined)[],
  ): void {
    if (this.files.size === 0) return;
    for (const layer of layersOf(manifests, configs)) {
      this.#work.later(this.#unpack(layer));
    }
  }

  /** Waits for all; every blob is in the store by now. */
  async finish(blobs: readonly Descriptor[]): Promise<UnpackedFolders> {
    for (const { digest, size } of blobs) {
      this.files.get(digest)?.complete(size);
    }
    await this.#work.finish();
    return this.#folders;
  }

  /** Ends everything; waits until it has ended. */
  fail(error: unknown): Promise<void> {
    return this.#work.fail(error);
  }

  async #unpack(layer: LayerToUnpack): Promise<void> {
    const { unpacker, emit } = this.#context;
    const file = this.files.get(layer.digest);
    if (unpacker === undefined || file === undefined) return;
    const { signal } = this.#work;
    const folder = await unpacker.unpackLayer(layer, file, {
      signal,
      onEvent: emit,
    });
    this.#folders.set(layer.digest, folder);
  }
}

/** Each once; twice only where images contradict each other, which one of the two pays for. */
function layersOf(
  manifests: readonly ChosenManifest[],
  configs: readonly (ImageConfig | undefined)[],
): Iterable<LayerToUnpack> {
  const layers = new Map<string, LayerToUnpack>();
  for (const [position, { document }] of manifests.entries()) {
    if (!holdsFiles(document.manifest)) continue;
    const diffIds = configs[position]?.diffIds ?? [];
    document.manifest.layers.forEach(({ digest, size }, at) => {
      const diffId = diffIds[at];
      if (diffId === undefined) return;
      layers.set(`${digest} ${diffId}`, { digest, size, diffId });
    });
  }
  return layers.values();
}
