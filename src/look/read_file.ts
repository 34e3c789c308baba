import type { MergedLeaf } from "../unpack/merged_node.ts";
import type { LayerSource } from "../unpack/layer_source.ts";
import { copyEntry } from "../unpack/copy_entry.ts";
import { EagerCopy } from "./eager_copy.ts";
import { LayerSearch } from "./layer_search.ts";
import { notAFile, notThere } from "./look_errors.ts";
import type { LookOptions } from "./look_options.ts";

/** How {@linkcode readFile} reads. */
export interface ReadFileOptions extends LookOptions {
  /** Takes the file's bytes, in order; they are valid during the call only. */
  readonly write: (bytes: Uint8Array) => void;
  /**
   * Whether to write the file while its layer is on its way, and to leave the rest of the layer
   * unread and so unchecked. Default: false, nothing is written before the digest of every layer
   * that the answer rests on was checked.
   */
  readonly eager?: boolean | undefined;
}

/**
 * Reads a file of an image as a process would whose root the image is, from as few layers as it
 * takes.
 *
 * @param layers The lowest first.
 * @throws NotFoundError `path-not-found`
 * @throws OperationError `not-a-file`, `link-loop`
 * @throws IntegrityError for damaged or hostile layers.
 */
export async function readFile(
  layers: readonly LayerSource[],
  path: string,
  options: ReadFileOptions,
): Promise<void> {
  const { write, eager = false, limits, signal } = options;
  const topic = { action: "read", path } as const;
  const search = new LayerSearch(layers, options);
  const copy = eager ? new EagerCopy(write) : undefined;
  const result = await search.find({ path }, copy);
  if (result.kind !== "found") throw notThere(topic, result.kind);
  if (copy?.found !== undefined) return;
  const { node } = result;
  if (node.kind === "folder") throw notAFile(topic, "folder");
  if (node.entry.type !== "file") {
    throw notAFile(topic, node.entry.type.replace("-", " "));
  }
  await copyEntry(sourceOf(layers, node), node.origin.index, write, {
    limits,
    signal,
  });
}

function sourceOf(
  layers: readonly LayerSource[],
  { origin }: MergedLeaf,
): LayerSource {
  const source = layers[origin.layer];
  if (source !== undefined) return source;
  throw new RangeError(`There is no layer ${origin.layer}`);
}
