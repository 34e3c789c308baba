import { LocalError } from "../errors.ts";
import { guardLocal } from "./local_error.ts";

// Synchronous calls on purpose, here and for all that touches only names and locks: one takes
// 1 to 6 µs, its asynchronous form 20 to 90 µs of two threads, and a blob needs a dozen.

/** Far more than honest processes need, who replace a file once in a while. */
const MAX_ATTEMPTS = 100;

/** How {@linkcode openRegularFile} opens. */
export interface OpenRegularFileOptions {
  /** Default false: read only. */
  readonly write?: boolean;
  /** Default false. Creates the file where there is none. */
  readonly create?: boolean;
}

/**
 * Opens a regular file without ever following a link in its last part, as `O_NOFOLLOW` would,
 * which Deno cannot pass: what was looked at must be what was opened, and creating is exclusive.
 *
 * @returns undefined when the file is not there and `create` is not set.
 * @throws LocalError `store-damaged` when something else than a regular file is in its place.
 */
export function openRegularFile(
  path: string,
  options: OpenRegularFileOptions & { readonly create: true },
): Deno.FsFile;
export function openRegularFile(
  path: string,
  options?: OpenRegularFileOptions,
): Deno.FsFile | undefined;
export function openRegularFile(
  path: string,
  { write = false, create = false }: OpenRegularFileOptions = {},
): Deno.FsFile | undefined {
  return guardLocal("open", path, () => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      // First, as it mostly isn't there: an error that says so takes 70 µs to come up.
      const created = create ? tryCreate(path) : undefined;
      if (created !== undefined) return created;
      const seen = findRegularFile(path);
      if (seen === undefined && !create) return undefined;
      const file = seen && tryOpenSeen(path, seen, write);
      // Undefined: another process was faster, with creating or with removing it. Look again.
      if (file !== undefined) return file;
    }
    throw new LocalError("io", `Cannot open "${path}": it keeps changing`, {
      details: { path },
    });
  });
}

/** Creates a file to read and write; undefined where something stands there. */
export function createRegularFile(path: string): Deno.FsFile | undefined {
  return guardLocal("open", path, () => tryCreate(path));
}

function tryCreate(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { read: true, write: true, createNew: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
}

function tryOpenSeen(
  path: string,
  seen: Deno.FileInfo,
  write: boolean,
): Deno.FsFile | undefined {
  try {
    const file = Deno.openSync(path, { read: true, write });
    if (isSameFile(seen, file.statSync())) return file;
    file.close();
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether two looks saw the same file. */
export function isSameFile(a: Deno.FileInfo, b: Deno.FileInfo): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

/**
 * Looks at a file without following a link.
 *
 * @throws LocalError `store-damaged` when it is anything but a regular file.
 */
export function findRegularFile(path: string): Deno.FileInfo | undefined {
  const info = findEntry(path);
  if (info === undefined || info.isFile) return info;
  throw new LocalError(
    "store-damaged",
    `Cannot use "${path}": it is ${kindOf(info)}, not a regular file`,
    { hint: "remove it and try again", details: { path } },
  );
}

/** What stands at a path, links not followed; undefined for nothing. */
export function findEntry(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What is in a folder; nothing where there is none. */
export function listEntries(path: string): readonly Deno.DirEntry[] {
  return guardLocal("list", path, () => {
    try {
      return [...Deno.readDirSync(path)];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

/** What a directory entry is, in words. */
export function kindOf(info: Deno.FileInfo): string {
  if (info.isSymlink) return "a symbolic link";
  if (info.isDirectory) return "a folder";
  return info.isFile ? "a file" : "a device, pipe or socket";
}

/** Removes a file; that it is not there is no failure. */
export function removeIfThere(path: string): void {
  guardLocal("remove", path, () => {
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  });
}
