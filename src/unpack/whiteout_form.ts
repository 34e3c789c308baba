import { LocalError } from "../errors.ts";
import type { FileTree, Place } from "./file_tree.ts";
import type { NativeCalls } from "./native_calls.ts";

/**
 * What becomes of whiteouts: they are applied to the layers below, kept as `.wh.` files, or made
 * as overlayfs reads them.
 */
export type WhiteoutForm = "apply" | "oci" | "overlay";

const CHARACTER_DEVICE = 0o020000;
const OPAQUE_XATTR = "trusted.overlay.opaque";

/** Makes the whiteouts of one layer as overlayfs reads them (kernel, overlayfs.rst). */
export class OverlayWhiteouts {
  readonly #tree: FileTree;
  readonly #native: NativeCalls | undefined;
  readonly #hidden = new Set<string>();

  constructor(tree: FileTree, native: NativeCalls | undefined) {
    this.#tree = tree;
    this.#native = native;
  }

  /** A device 0:0; a folder of this layer hides the one below by being opaque. */
  hide(place: Place): void {
    this.#hidden.add(place.rel);
    if (this.#tree.isFolder(place)) return this.makeOpaque(place);
    if (this.#tree.owns(place.rel)) return;
    const device = { major: 0, minor: 0 };
    if (this.#native?.makeNode(place.path, CHARACTER_DEVICE, device)) return;
    throw notPermitted("a whiteout", place);
  }

  /** Sets the attribute that hides what the layers below have in the folder. */
  makeOpaque(place: Place): void {
    const yes = new TextEncoder().encode("y");
    if (this.#native?.setXattr(place.path, OPAQUE_XATTR, yes)) return;
    throw notPermitted("an opaque folder", place);
  }

  /** To be told of each folder that the layer makes. */
  onFolder(place: Place): void {
    if (this.#hidden.has(place.rel)) this.makeOpaque(place);
  }
}

function notPermitted(what: string, { rel }: Place): LocalError {
  return new LocalError(
    "permission-denied",
    `Cannot make ${what} of overlayfs at "${rel}": that takes root, and a Deno with --allow-ffi`,
    {
      hint:
        "--whiteouts oci keeps .wh. files; without --layers they are applied",
    },
  );
}
