import { unsafePath } from "./entry_path.ts";
import { lookIn, type MergedFolder } from "./merged_node.ts";

/** As many as Linux follows in one path. */
export const MAX_LINKS = 40;

/** A folder on the way down; its own folder is the one before it. */
export interface MergedPart {
  readonly name: string;
  /** Path from the root, without links. */
  readonly rel: string;
  readonly kind: "folder" | "missing" | "other" | "unknown";
  /** Of the kind `folder`. */
  readonly folder?: MergedFolder;
}

/** The way to a folder. */
export interface MergedWay {
  readonly parts: readonly MergedPart[];
  /** Whether it leads through what the layers below may turn into another way. */
  readonly isDoubtful: boolean;
}

/**
 * Follows the folders of an entry's path in a merged tree, exactly as `resolveFolder` does on
 * disk: links are resolved inside the image, what isn't there counts as a folder.
 *
 * @throws IntegrityError `path-unsafe` where links have no end.
 */
export function followMerged(
  root: MergedFolder,
  names: readonly string[],
): MergedWay {
  const todo = names.toReversed();
  const parts: MergedPart[] = [];
  let links = 0;
  let isDoubtful = false;
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      parts.pop();
      continue;
    }
    const found = stepDown(root, parts.at(-1), name);
    if ("part" in found) {
      const { kind, folder } = found.part;
      isDoubtful ||= kind === "unknown" || folder?.isAssumed === true;
      parts.push(found.part);
      continue;
    }
    if (++links > MAX_LINKS) {
      throw unsafePath(names.join("/"), "the links in its path have no end");
    }
    if (found.link.startsWith("/")) parts.length = 0;
    todo.push(...found.link.split("/").toReversed());
  }
  return { parts, isDoubtful };
}

function stepDown(
  root: MergedFolder,
  above: MergedPart | undefined,
  name: string,
): { readonly part: MergedPart } | { readonly link: string } {
  const rel = above === undefined ? name : `${above.rel}/${name}`;
  const folder = above === undefined ? root : above.folder;
  if (folder === undefined) {
    const kind = above?.kind === "unknown" ? "unknown" : "missing";
    return { part: { name, rel, kind } };
  }
  const found = lookIn(folder, name);
  if (found === "unknown") return { part: { name, rel, kind: "unknown" } };
  if (found === "absent") return { part: { name, rel, kind: "missing" } };
  if (found.kind === "folder") {
    return { part: { name, rel, kind: "folder", folder: found } };
  }
  if (found.isUnknown) return { part: { name, rel, kind: "unknown" } };
  return found.entry.type === "symlink"
    ? { link: found.entry.linkPath }
    : { part: { name, rel, kind: "other" } };
}
