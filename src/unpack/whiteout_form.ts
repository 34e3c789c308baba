import type { Place } from "./file_tree.ts";

/**
 * What becomes of whiteouts: they are applied to the layers below, kept as `.wh.` files, or made
 * as overlayfs reads them.
 */
export type WhiteoutForm = "apply" | "oci" | "overlay";

/** The whiteouts of one layer, in one of the forms. A marker is the entry that asks for one. */
export interface LayerWhiteouts {
  /** Hides what the layers below have at a path. */
  hide(hidden: readonly string[], marker: readonly string[]): void;
  /** Hides what the layers below have in a folder. */
  hideContent(folder: readonly string[], marker: readonly string[]): void;
  /** To be told of each folder that the layer makes. */
  onFolder?(place: Place): void;
}
