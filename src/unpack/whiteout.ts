import { unsafePath } from "./entry_path.ts";

/** What a path of a layer means for the layers below (OCI layer.md, "Whiteouts"). */
export type LayerPath =
  /** An entry like any other. */
  | { readonly kind: "entry" }
  /** Hides what is at a path below. */
  | { readonly kind: "whiteout"; readonly names: readonly string[] }
  /** Hides all that is in a folder below. */
  | { readonly kind: "opaque"; readonly names: readonly string[] }
  /** Housekeeping of AUFS, which means nothing to an image. */
  | { readonly kind: "ignored" };

const PREFIX = ".wh.";
const META_PREFIX = ".wh..wh.";
const OPAQUE = ".wh..wh..opq";

/**
 * Tells whiteouts from entries.
 *
 * @param names The path, from the root down.
 * @throws IntegrityError `path-unsafe` for a whiteout of `.`, of `..`, of nothing, or with
 * something in it.
 */
export function classifyLayerPath(names: readonly string[]): LayerPath {
  if (!names.some((name) => name.startsWith(PREFIX))) return { kind: "entry" };
  const parents = names.slice(0, -1);
  const last = names.at(-1) ?? "";
  if (parents.some((name) => name.startsWith(META_PREFIX))) {
    return { kind: "ignored" };
  }
  if (parents.some((name) => name.startsWith(PREFIX))) {
    throw unsafePath(names.join("/"), "it is inside of a whiteout");
  }
  if (last === OPAQUE) return { kind: "opaque", names: parents };
  if (last.startsWith(META_PREFIX)) return { kind: "ignored" };
  const hidden = last.slice(PREFIX.length);
  if (hidden === "" || hidden === "." || hidden === "..") {
    throw unsafePath(names.join("/"), "it is a whiteout of no file");
  }
  return { kind: "whiteout", names: [...parents, hidden] };
}
