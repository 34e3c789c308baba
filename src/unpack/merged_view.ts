import type { ArchiveEntry } from "../tar/archive_entry.ts";
import type { PathLimits } from "./entry_path.ts";
import {
  findMerged,
  type FindOptions,
  type FindResult,
} from "./find_merged.ts";
import { isSettled } from "./is_settled.ts";
import { MergedTree } from "./merged_tree.ts";

/** The headers of one layer. */
export interface LayerEntries {
  /** Its place in the image; nothing is below 0. */
  readonly layer: number;
  readonly entries: readonly ArchiveEntry[];
}

/** What is asked of a {@linkcode MergedView}. */
export interface ViewQuestion extends FindOptions {
  readonly path: string;
  /** Whether what is in a folder matters: its names, or all that is below it. Default: no. */
  readonly content?: "names" | "tree" | undefined;
}

/**
 * The layers of an image from the top, as many as were read. It answers as soon as no layer
 * below could change the answer, and then as if all of them had been merged.
 */
export class MergedView {
  readonly #limits: PathLimits;
  readonly #count: number;
  /** The highest first. */
  readonly #layers: LayerEntries[] = [];
  #isReading = false;

  /** @param count How many layers the image has. */
  constructor(count: number, limits: PathLimits) {
    this.#count = count;
    this.#limits = limits;
  }

  /** Whether all layers are there. */
  get isWhole(): boolean {
    return this.#layers.length === this.#count && !this.#isReading;
  }

  /** Begins the layer below those that are there; its entries grow until {@linkcode finish}. */
  start(entries: readonly ArchiveEntry[]): void {
    const layer = this.#count - this.#layers.length - 1;
    this.#layers.push({ layer, entries });
    this.#isReading = true;
  }

  /** The entries of the layer are all there. */
  finish(): void {
    this.#isReading = false;
  }

  /**
   * What a path means; `unknown` where that takes the next layer. It costs a merge of all
   * layers that are there.
   *
   * @throws IntegrityError `path-unsafe` for what can't be unpacked either.
   */
  ask({ path, follow, content }: ViewQuestion): FindResult {
    const layers = this.#layers;
    const base = this.isWhole ? "nothing" : "unknown";
    const tree = mergeLayers(layers.toReversed(), this.#limits, base);
    const { result, trace } = findMerged(tree.root, path, { follow });
    if (isSettled({ result, trace, tree, layers, content })) return result;
    if (result.kind === "unknown") return result;
    const isOpen = result.kind === "found" && result.node.kind === "folder" &&
      result.node.isOpen;
    return { kind: "unknown", pending: trace.pending, isDoubtful: !isOpen };
  }
}

/**
 * Merges layers, the lowest first.
 *
 * @param base What is below them. Default: nothing.
 */
export function mergeLayers(
  layers: readonly LayerEntries[],
  limits: PathLimits,
  base: "nothing" | "unknown" = "nothing",
): MergedTree {
  const tree = new MergedTree(limits, base);
  for (const { layer, entries } of layers) {
    tree.startLayer(layer);
    for (const [index, entry] of entries.entries()) tree.add(entry, index);
  }
  return tree;
}
