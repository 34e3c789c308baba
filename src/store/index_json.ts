import { writeFileAtomic } from "../io/atomic_file.ts";
import { openLock } from "../io/file_lock.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry, openRegularFile } from "../io/open_regular_file.ts";
import { OCI_INDEX } from "../spec/media_type.ts";
import type { Database } from "./database.ts";
import { selectRoots } from "./image_table.ts";
import { lockPath, REF_NAME, type StorePaths } from "./layout.ts";
import { noteLayoutWritten, readLayoutState } from "./layout_state.ts";

/** Options of {@linkcode writeIndexJson}. */
export interface WriteIndexJsonOptions {
  /** Whether the file must survive a power loss. */
  readonly sync: boolean;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** Ends the wait for another process, and the look for images where the database got lost. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes index.json from the database, if it does not show it already. One process at a time;
 * which state it shows is noted after the file is in place.
 */
export async function writeIndexJson(
  database: Database,
  paths: StorePaths,
  { sync, now, signal }: WriteIndexJsonOptions,
): Promise<void> {
  await using _lock = await openLock(lockPath(paths.dir, "index"), { signal });
  // A database that never wrote the file may have taken the place of one that got lost.
  if (readLayoutState(database).written === 0 && isThere(paths)) {
    // Loaded here, since it brings all parsers along and is wanted once in a store's life.
    const { adoptLayout } = await import("./adopt_layout.ts");
    const pulledAt = new Date(now()).toISOString();
    await adoptLayout(database, paths, { pulledAt, signal });
  }
  const { changed, written } = readLayoutState(database);
  // Another process wrote it while this one waited, with our change in it.
  if (changed === written) return;
  const text = new TextEncoder().encode(formatIndexJson(database));
  await writeFileAtomic(paths.indexJson, text, { sync });
  noteLayoutWritten(database, changed);
}

function isThere({ indexJson }: StorePaths): boolean {
  return guardLocal("open", indexJson, () => findEntry(indexJson)) !==
    undefined;
}

/** Whether index.json says what the database does, by its bytes. */
export function showsDatabase(
  database: Database,
  { indexJson }: Pick<StorePaths, "indexJson">,
): boolean {
  const wanted = new TextEncoder().encode(formatIndexJson(database));
  using file = openRegularFile(indexJson);
  if (file?.statSync().size !== wanted.length) return false;
  return guardLocal("read", indexJson, () => {
    const bytes = new Uint8Array(wanted.length);
    for (let filled = 0; filled < bytes.length;) {
      const read = file.readSync(bytes.subarray(filled));
      if (read === null) return false;
      filled += read;
    }
    return bytes.every((byte, index) => byte === wanted[index]);
  });
}

/** The index of an OCI image layout (image-layout.md): each reference's root. */
function formatIndexJson(database: Database): string {
  const manifests = selectRoots(database).map((image) => ({
    mediaType: image.mediaType,
    digest: image.digest,
    size: image.size,
    annotations: { [REF_NAME]: image.reference },
  }));
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
}
