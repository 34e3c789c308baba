import { LocalError } from "../errors.ts";
import { parentOf, syncDir, writeFileAtomic } from "../io/atomic_file.ts";
import { lockFile } from "../io/file_lock.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry } from "../io/open_regular_file.ts";
import { openStagedFile } from "../io/staged_file.ts";
import { entryContent } from "./archive_bytes.ts";
import type { BlobReading } from "./blob_content.ts";
import type { ExportEntry } from "./export_entry.ts";
import { isSoundFile } from "./is_sound_file.ts";
import { addRoots, findLayoutIndex, type LayoutIndex } from "./layout_index.ts";
import { type NamedRoot, OCI_LAYOUT_TEXT } from "./oci_entries.ts";
import { EXPORT_MARK } from "./write_output.ts";

/** What is to be in a layout folder. */
export interface LayoutContent {
  /** Folders and blobs. */
  readonly entries: readonly ExportEntry[];
  readonly roots: readonly NamedRoot[];
}

/** Options of {@linkcode writeLayoutFolder}. */
export interface LayoutFolderOptions extends BlobReading {
  readonly sync: boolean;
}

/**
 * Writes an OCI image layout into a folder that is not there or empty, or adds to one that is a
 * layout: blobs first, what names them last, so that a reader sees the old state or the new one.
 * What this made is removed where it fails.
 *
 * @returns how many bytes were written.
 * @throws LocalError `folder-not-empty` where something else is in it.
 */
export async function writeLayoutFolder(
  dir: string,
  { entries, roots }: LayoutContent,
  options: LayoutFolderOptions,
): Promise<number> {
  const made: string[] = [];
  try {
    makeFolder(dir, made);
    using _lock = await lockFolder(dir, options);
    const index = await findLayoutIndex(dir);
    const bytes = await writeEntries(dir, entries, made, options);
    const isNew = made[0] === dir;
    await writeNames(dir, { index, roots, made }, options);
    if (isNew && options.sync) await syncDir(parentOf(dir));
    return bytes;
  } catch (error) {
    removeAll(made);
    throw error;
  }
}

/** One dray at a time; on the folder itself, so that nothing strange is left in it. */
async function lockFolder(
  dir: string,
  { signal }: LayoutFolderOptions,
): Promise<Disposable> {
  // Windows opens no folders.
  if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  const folder = guardLocal("open", dir, () => Deno.openSync(dir));
  try {
    await lockFile(folder, dir, { signal });
    return folder;
  } catch (error) {
    folder.close();
    throw error;
  }
}

async function writeEntries(
  dir: string,
  entries: readonly ExportEntry[],
  made: string[],
  options: LayoutFolderOptions,
): Promise<number> {
  let bytes = 0;
  for (const entry of entries) {
    options.signal?.throwIfAborted();
    const path = `${dir}/${entry.path}`;
    if (entry.kind === "folder") makeFolder(path, made);
    else bytes += await writeEntry(path, entry, made, options);
  }
  const folders = entries.filter(({ kind }) => kind === "folder");
  if (options.sync) {
    for (const { path } of folders) await syncDir(`${dir}/${path}`);
  }
  return bytes;
}

async function writeEntry(
  path: string,
  entry: Exclude<ExportEntry, { readonly kind: "folder" }>,
  made: string[],
  options: LayoutFolderOptions,
): Promise<number> {
  const blob = entry.kind === "blob" ? entry.blob : undefined;
  if (blob !== undefined && await isSoundFile(path, blob, options.signal)) {
    options.onBytes?.(blob.size);
    return 0;
  }
  const isNew = guardLocal("open", path, () => findEntry(path)) === undefined;
  await using file = openStagedFile(path, {
    sync: options.sync,
    syncName: false,
    mark: EXPORT_MARK,
  });
  let bytes = 0;
  for await (const chunk of entryContent(entry, options)) {
    await file.write(chunk);
    bytes += chunk.length;
  }
  options.signal?.throwIfAborted();
  await file.commit();
  if (isNew) made.push(path);
  return bytes;
}

interface Names {
  readonly index: LayoutIndex | undefined;
  readonly roots: readonly NamedRoot[];
  readonly made: string[];
}

async function writeNames(
  dir: string,
  { index, roots, made }: Names,
  { sync }: LayoutFolderOptions,
): Promise<void> {
  const encoder = new TextEncoder();
  const indexPath = `${dir}/index.json`;
  const bytes = encoder.encode(addRoots(index, roots));
  // From here on others may be led to what was made, so it stays even if this fails.
  if (index !== undefined) made.length = 0;
  else made.push(indexPath);
  await writeFileAtomic(indexPath, bytes, { sync });
  const layout = `${dir}/oci-layout`;
  if (findEntry(layout) !== undefined) return;
  made.push(layout);
  // Last: it is what makes the folder a layout.
  await writeFileAtomic(layout, encoder.encode(OCI_LAYOUT_TEXT), { sync });
}

function makeFolder(path: string, made: string[]): void {
  guardLocal("create", path, () => {
    try {
      Deno.mkdirSync(path);
      made.push(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      if (!Deno.statSync(path).isDirectory) throw notFolder(path);
    }
  });
}

/** What is in the way of removing it is somebody else's, and stays. */
function removeAll(made: readonly string[]): void {
  for (const path of made.toReversed()) {
    try {
      Deno.removeSync(path);
    } catch {
      // The failure that led here is what the user should see.
    }
  }
}

function notFolder(path: string): LocalError {
  return new LocalError("io", `Cannot export to "${path}": it is no folder`, {
    details: { path },
  });
}
