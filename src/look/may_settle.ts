import type { ArchiveEntry } from "../tar/archive_entry.ts";
import { classifyLayerPath } from "../unpack/whiteout.ts";

/**
 * Whether a layer may end a search: it has something by one of the names that is no folder, or
 * hides what is below it. Folders by themselves end none.
 *
 * @param pending The path that is looked for, links followed as far as they are known.
 */
export function maySettle(
  entries: readonly ArchiveEntry[],
  pending: string,
): boolean {
  const wanted = new Set(pending.split("/"));
  return entries.some(({ path, type }) => {
    if (type === "directory") return false;
    const names = path.split("/").filter((name) => name !== "");
    const meaning = classifyLayerPath(names);
    if (meaning.kind === "opaque") return true;
    const last = meaning.kind === "whiteout" ? meaning.names : names;
    return wanted.has(last.at(-1) ?? "");
  });
}
