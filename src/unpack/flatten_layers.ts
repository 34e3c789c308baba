import { IntegrityError } from "../errors.ts";
import { TarReader } from "../tar/tar_reader.ts";
import { TAR_END_BYTES } from "../tar/write_tar.ts";
import { tarHeader } from "../tar/tar_header.ts";
import { EntryScan } from "./entry_scan.ts";
import { FlattenOutput } from "./flatten_output.ts";
import {
  type FlattenPlan,
  folderHeader,
  leafHeader,
  linkHeaders,
  planFlatten,
  type PlannedLeaf,
} from "./flatten_plan.ts";
import type { LayerSource } from "./layer_source.ts";
import { MergedTree } from "./merged_tree.ts";
import { readLayer } from "./read_layer.ts";
import { LimitGuard, type UnpackLimits } from "./unpack_limits.ts";

/** How {@linkcode flattenLayers} goes about it. */
export interface FlattenOptions {
  readonly limits?: Partial<UnpackLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each layer that was read, which every one is once or twice. */
  readonly onLayer?: ((layer: LayerSource) => void) | undefined;
}

/**
 * Layers as one tar archive of the root filesystem that unpacking makes of them. Each layer is
 * read once for its headers, and checked, before the first byte is out; those that files come
 * from are then read again. What is held is headers, never contents.
 *
 * @param layers The lowest first.
 * @returns its bytes; a chunk is valid until the next one.
 * @throws IntegrityError for what can't be unpacked.
 */
export async function* flattenLayers(
  layers: readonly LayerSource[],
  options: FlattenOptions = {},
): AsyncGenerator<Uint8Array> {
  const { files, others, folders } = await readPlan(layers, options);
  for (const [layer, planned] of files.entries()) {
    const source = layers[layer];
    if (source === undefined || planned.size === 0) continue;
    yield* copyFiles(source, planned, options);
  }
  for (const planned of others.flatMap((layer) => [...layer.values()])) {
    yield tarHeader(leafHeader(planned));
    for (const link of linkHeaders(planned)) yield tarHeader(link);
  }
  for (const planned of folders) yield tarHeader(folderHeader(planned));
  yield new Uint8Array(TAR_END_BYTES);
}

async function readPlan(
  layers: readonly LayerSource[],
  { limits, signal, onLayer }: FlattenOptions,
): Promise<FlattenPlan> {
  const guard = new LimitGuard(limits);
  const tree = new MergedTree(guard.limits, "nothing");
  for (const [layer, source] of layers.entries()) {
    tree.startLayer(layer);
    const scan = new EntryScan(guard, (entry, index) => tree.add(entry, index));
    const { digest, size, diffId } = source;
    const chunks = source.open();
    await readLayer({ digest, size, diffId, chunks }, scan, { guard, signal });
    onLayer?.(source);
  }
  return planFlatten(tree.root, layers.length);
}

async function* copyFiles(
  source: LayerSource,
  planned: ReadonlyMap<number, PlannedLeaf>,
  { limits, signal, onLayer }: FlattenOptions,
): AsyncGenerator<Uint8Array> {
  const output = new FlattenOutput(planned);
  const reader = new TarReader(output);
  const count = new LimitGuard(limits).startLayer(source.size);
  for await (const chunk of source.open()) {
    signal?.throwIfAborted();
    count(chunk.length);
    reader.write(chunk);
    yield* output.take();
    if (output.isDone) return onLayer?.(source);
  }
  throw new IntegrityError(
    "digest-mismatch",
    `Cannot read layer "${source.digest}": it changed while it was read`,
  );
}
