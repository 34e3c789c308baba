import { LocalError } from "../errors.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry, findRegularFile, kindOf } from "../io/open_regular_file.ts";
import type { StorePaths } from "./layout.ts";

/** Only the owner may enter: what registries serve may be secret. */
const PRIVATE = 0o700;

/**
 * Makes the folders of a store, and checks what is there already, see {@linkcode checkLayout}.
 *
 * @throws LocalError `permission-denied`, `disk-full`, or `store-damaged` for a planted link.
 */
export function prepareLayout(paths: StorePaths): void {
  ensureRoot(paths.dir);
  for (const path of folders(paths)) ensureFolder(path);
  checkFiles(paths);
}

/**
 * Checks what is there of a store, and makes nothing: a link in the place of a folder or file
 * would lead out of the store, so it is refused.
 *
 * @throws LocalError `permission-denied`, or `store-damaged` for a planted link.
 */
export function checkLayout(paths: StorePaths): void {
  const { dir } = paths;
  const root = guardLocal("open", dir, () => findEntry(dir));
  if (root?.isFile) throw notFolder(dir, "a file");
  for (const path of folders(paths)) {
    const info = guardLocal("open", path, () => findEntry(path));
    if (info !== undefined && !info.isDirectory) {
      throw notFolder(path, kindOf(info));
    }
  }
  checkFiles(paths);
}

function folders({ dir, ingest }: StorePaths): readonly string[] {
  const blobs = `${dir}/blobs`;
  return [blobs, `${blobs}/sha256`, `${blobs}/sha512`, ingest];
}

function checkFiles(paths: StorePaths): void {
  const { database, indexJson, ociLayout } = paths;
  // SQLite follows links.
  const suffixes = ["", "-wal", "-shm", "-journal"];
  const files = suffixes.map((suffix) => database + suffix);
  for (const path of [...files, indexJson, ociLayout]) {
    guardLocal("open", path, () => findRegularFile(path));
  }
}

/** The store's own folder may be a link: the user named it. */
function ensureRoot(dir: string): void {
  guardLocal("create", dir, () => {
    if (findEntry(dir) === undefined) {
      Deno.mkdirSync(dir, { recursive: true, mode: PRIVATE });
    }
    if (!Deno.statSync(dir).isDirectory) throw notFolder(dir, "a file");
  });
}

function ensureFolder(path: string): void {
  guardLocal("create", path, () => {
    const info = findEntry(path);
    if (info === undefined) {
      Deno.mkdirSync(path, { recursive: true, mode: PRIVATE });
    } else if (!info.isDirectory) throw notFolder(path, kindOf(info));
  });
}

function notFolder(path: string, kind: string): LocalError {
  return new LocalError(
    "store-damaged",
    `Cannot use "${path}": it is ${kind}, not a folder`,
    {
      hint: "remove it, or use another store (--store DIR)",
      details: { path },
    },
  );
}
