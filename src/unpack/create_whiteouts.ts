import type { FileTree } from "./file_tree.ts";
import { OverlayWhiteouts } from "./overlay_whiteouts.ts";
import type { UnpackTarget } from "./unpack_target.ts";
import type { LayerWhiteouts } from "./whiteout_form.ts";

/** Makes the whiteouts of one layer in the form that its target wants. */
export function createWhiteouts(
  { tree, native, whiteouts }: UnpackTarget,
): LayerWhiteouts {
  switch (whiteouts) {
    case "apply":
      return appliedWhiteouts(tree);
    case "oci":
      return keptWhiteouts(tree);
    case "overlay":
      return new OverlayWhiteouts(tree, native);
  }
}

function appliedWhiteouts(tree: FileTree): LayerWhiteouts {
  return {
    hide(hidden) {
      const place = tree.find(hidden);
      if (place !== undefined) tree.hide(place);
    },
    hideContent(folder) {
      const place = tree.findFolder(folder);
      if (place !== undefined) tree.hideContent(place);
    },
  };
}

function keptWhiteouts(tree: FileTree): LayerWhiteouts {
  /** Whatever it was in the archive, it is an empty file here. */
  const keep = (marker: readonly string[]): void => {
    const place = tree.locate(marker);
    tree.makeRoom(place);
    Deno.writeFileSync(place.path, new Uint8Array(0), {
      createNew: true,
      mode: 0o644,
    });
  };
  return {
    hide: (_hidden, marker) => keep(marker),
    hideContent: (_folder, marker) => keep(marker),
  };
}
