import type { FindResult, FindTrace } from "./find_merged.ts";
import { isBefore, type MergedFolder } from "./merged_node.ts";
import type { Doubt, MergedTree } from "./merged_tree.ts";
import type { LayerEntries } from "./merged_view.ts";
import { classifyLayerPath } from "./whiteout.ts";

/** An answer, and all that it may depend on. */
export interface Evidence {
  readonly result: FindResult;
  readonly trace: FindTrace;
  readonly tree: MergedTree;
  readonly layers: readonly LayerEntries[];
  /** Whether what is in a folder matters. */
  readonly content?: "names" | "tree" | undefined;
}

/**
 * Whether an answer of some layers holds whatever the layers below have. What an entry without
 * an entry for its folder means is theirs to say, since that folder may be a link: such an
 * answer stands only where no later entry could meet it under another name. What is not looked
 * for is a folder that an entry was put into by way of a link in the layers below and that a
 * later entry replaced by another name: no tool makes that.
 */
export function isSettled(evidence: Evidence): boolean {
  const { result, trace, tree, layers, content } = evidence;
  if (!tree.root.isOpen && tree.doubts.length === 0) return true;
  if (result.kind === "unknown") return false;
  const node = result.kind === "found" ? result.node : undefined;
  if (node?.kind === "folder") {
    if (node.isAssumed) return false;
    if (content !== undefined && !isKnown(node, content)) return false;
  }
  // An entry in doubt may have made folders anywhere on its way.
  if (node?.kind !== "leaf") return tree.doubts.length === 0;
  const mayMeet = (one: Doubt): boolean =>
    isBefore(node.origin, one.origin) &&
    (one.isWide || trace.names.has(one.names.at(-1) ?? ""));
  if (tree.doubts.some(mayMeet)) return false;
  if (!trace.isAssumed) return true;
  // Put elsewhere, it may even have replaced a link of its own path.
  return !trace.hasTwins && !listOperations(layers).some(mayMeet);
}

/** Whether no layer below can add to a folder, or tell more of what is in it. */
function isKnown(folder: MergedFolder, content: "names" | "tree"): boolean {
  if (folder.isOpen) return false;
  return folder.children.values().every((child) => {
    if (child.kind === "leaf") return !child.isUnknown;
    if (child.isAssumed) return false;
    return content === "names" || isKnown(child, content);
  });
}

/** All that layers do, as if all of it were in doubt. */
function listOperations(
  layers: readonly LayerEntries[],
): readonly Doubt[] {
  return layers.flatMap(({ layer, entries }) =>
    entries.map(({ path }, index) => {
      const names = path.split("/").filter((name) => !["", "."].includes(name));
      const isWide = classifyLayerPath(names).kind !== "entry";
      return { names, origin: { layer, index }, isWide };
    })
  );
}
