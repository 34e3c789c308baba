import { writeFileAtomic } from "../io/atomic_file.ts";
import { removeIfThere } from "../io/open_regular_file.ts";

/**
 * Writes the sidecar of a folder beside it, or removes one that is there from before.
 *
 * @param lines JSON without line ends.
 * @returns its path, where there is something to tell.
 */
export async function writeMetadata(
  folder: string,
  lines: readonly string[],
  sync: boolean,
): Promise<string | undefined> {
  const path = `${folder}.metadata.jsonl`;
  if (lines.length === 0) {
    removeIfThere(path);
    return undefined;
  }
  const bytes = new TextEncoder().encode(lines.join("\n") + "\n");
  await writeFileAtomic(path, bytes, { sync });
  return path;
}
