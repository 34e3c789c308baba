import { type PathLimits, splitEntryPath, unsafePath } from "./entry_path.ts";
import { lookIn, type MergedFolder, type MergedLeaf } from "./merged_node.ts";
import { findPlace } from "./merged_place.ts";

/**
 * What a hard link is another name of, and where that stands, as far as this is certain.
 *
 * @throws IntegrityError `path-unsafe` where it is certain that there is no such file.
 */
export function findLinked(
  root: MergedFolder,
  { entry, origin }: Pick<MergedLeaf, "entry" | "origin">,
  limits: PathLimits,
): { readonly leaf: MergedLeaf; readonly rel?: string } {
  const names = splitEntryPath(entry.linkPath, limits, "linux");
  const last = names.at(-1);
  const parent = last === undefined ? "absent" : findPlace(root, names);
  const unknown = { kind: "leaf", entry, origin, isUnknown: true } as const;
  if (parent === "unknown") return { leaf: unknown };
  const found = parent === "absent" || last === undefined
    ? "absent"
    : lookIn(parent.folder, last);
  if (found === "unknown") return { leaf: unknown };
  if (found === "absent" || parent === "absent") {
    throw unsafePath(entry.path, "it is a hard link to what is not there");
  }
  if (found.kind === "folder") {
    // Assumed folders may be links, which a hard link may well lead to.
    if (found.isAssumed || parent.isDoubtful) return { leaf: unknown };
    throw unsafePath(entry.path, "it is a hard link to a folder");
  }
  return parent.isDoubtful
    ? { leaf: unknown }
    : { leaf: found, rel: parent.rel };
}
