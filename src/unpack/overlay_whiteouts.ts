import { LocalError } from "../errors.ts";
import type { FileTree, Place } from "./file_tree.ts";
import type { NativeCalls } from "./native_calls.ts";
import type { LayerWhiteouts } from "./whiteout_form.ts";

const CHARACTER_DEVICE = 0o020000;
const OPAQUE_XATTR = "trusted.overlay.opaque";

/** Makes the whiteouts of one layer as overlayfs reads them (kernel, overlayfs.rst). */
export class OverlayWhiteouts implements LayerWhiteouts {
  readonly #tree: FileTree;
  readonly #native: NativeCalls | undefined;
  readonly #hidden = new Set<string>();

  constructor(tree: FileTree, native: NativeCalls | undefined) {
    this.#tree = tree;
    this.#native = native;
  }

  /** A device 0:0; a folder of this layer hides the one below by being opaque. */
  hide(hidden: readonly string[]): void {
    const place = this.#tree.locate(hidden);
    this.#hidden.add(place.rel);
    if (this.#tree.isFolder(place)) return this.#makeOpaque(place);
    if (this.#tree.owns(place.rel)) return;
    const device = { major: 0, minor: 0 };
    if (this.#native?.makeNode(place.path, CHARACTER_DEVICE, device)) return;
    throw notPermitted("a whiteout", place);
  }

  hideContent(folder: readonly string[]): void {
    this.#makeOpaque(this.#tree.locateFolder(folder));
  }

  onFolder(place: Place): void {
    if (this.#hidden.has(place.rel)) this.#makeOpaque(place);
  }

  /** Sets the attribute that hides what the layers below have in the folder. */
  #makeOpaque(place: Place): void {
    const yes = new TextEncoder().encode("y");
    if (this.#native?.setXattr(place.path, OPAQUE_XATTR, yes)) return;
    throw notPermitted("an opaque folder", place);
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
