import { lookIn, type MergedFolder } from "./merged_node.ts";

/** What the layer at hand has made, which its own whiteouts don't hide. */
export interface Owned {
  /** Path of what is hidden, links resolved. */
  readonly rel: string;
  /** Undefined in the lowest layer, below which there is nothing to hide. */
  readonly own: ReadonlySet<string> | undefined;
}

/** Hides what layers below have by a name; what this layer has made there stays. */
export function hideAt(
  folder: MergedFolder,
  name: string,
  { rel, own }: Owned,
): void {
  if (own === undefined) return;
  const found = lookIn(folder, name);
  if (found === "absent") return;
  if (found !== "unknown") {
    if (found.kind === "folder") hideContent(found, { rel, own });
    if (own.has(rel)) return;
    if (found.kind === "folder" && found.children.size > 0) return;
  }
  folder.children.delete(name);
  if (folder.isOpen) (folder.hidden ??= new Set()).add(name);
}

/** Hides what layers below have in a folder. */
export function hideContent(
  folder: MergedFolder,
  { rel, own }: Owned,
): void {
  if (own === undefined) return;
  for (const name of [...folder.children.keys()]) {
    hideAt(folder, name, { rel: rel === "" ? name : `${rel}/${name}`, own });
  }
  folder.isOpen = false;
  folder.hidden = undefined;
}
