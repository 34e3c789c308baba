import type {
  EntryOrigin,
  MergedFolder,
  MergedNode,
} from "../../src/unpack/merged_node.ts";
import { digestOf } from "../testing/test_bytes.ts";

/** Gives the content of a file. */
export type ContentOf = (origin: EntryOrigin) => Uint8Array;

/** A merged tree as `snapshotTree` shows one on disk, without the times of folders. */
export function snapshotMerged(
  root: MergedFolder,
  contentOf: ContentOf,
): readonly string[] {
  const seen = new Map<MergedNode, string>();
  const lines: string[] = [];
  const visit = (node: MergedNode, rel: string): void => {
    const { entry } = node;
    const isLink = entry?.type === "symlink";
    lines.push([
      rel || ".",
      describe(node, seen.get(node), contentOf),
      isLink ? "" : (entry?.mode ?? 0o755).toString(8),
      `${entry?.uid ?? 0}:${entry?.gid ?? 0}`,
      node.kind === "folder" ? "" : Math.floor(entry?.mtime ?? 0),
    ].join(" "));
    if (!seen.has(node)) seen.set(node, rel);
    if (node.kind === "leaf") return;
    for (const name of [...node.children.keys()].sort()) {
      const child = node.children.get(name);
      if (child !== undefined) {
        visit(child, rel === "" ? name : `${rel}/${name}`);
      }
    }
  };
  visit(root, "");
  return lines;
}

function describe(
  node: MergedNode,
  twin: string | undefined,
  contentOf: ContentOf,
): string {
  if (node.kind === "folder") return "folder";
  if (twin !== undefined) return `same as ${twin}`;
  const { entry, origin } = node;
  if (entry.type === "symlink") return `link to ${entry.linkPath}`;
  const content = contentOf(origin);
  return `file ${content.length} ${digestOf(content).slice(7, 19)}`;
}
