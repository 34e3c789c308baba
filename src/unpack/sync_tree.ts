import { LocalError } from "../errors.ts";
import { syncDir } from "../io/atomic_file.ts";
import type { NativeCalls } from "./native_calls.ts";

const MAX_AT_ONCE = 16;

/** Makes a tree survive a power loss: with one call where that is permitted, else file by file. */
export async function syncTree(
  root: string,
  native?: NativeCalls,
): Promise<void> {
  if (native?.syncFileSystem(root)) return;
  const paths = regularPaths(root);
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, async () => {
    for (const { path, folder } of paths) await syncPath(path, folder);
  }));
}

async function syncPath(path: string, folder: boolean): Promise<void> {
  try {
    if (folder) return await syncDir(path);
    // To open it on another thread takes twice as long as to open and sync it like this.
    using file = Deno.openSync(path, { read: true });
    await file.syncData();
  } catch (error) {
    // Whoever isn't root can't open what the image lets nobody read; the system writes it later.
    if (!isDenied(error)) throw error;
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof LocalError && error.code === "permission-denied";
}

interface SyncedPath {
  readonly path: string;
  readonly folder: boolean;
}

function* regularPaths(path: string): Generator<SyncedPath> {
  for (const entry of childrenOf(path)) {
    const child = `${path}/${entry.name}`;
    if (entry.isDirectory) yield* regularPaths(child);
    else if (entry.isFile) yield { path: child, folder: false };
  }
  yield { path, folder: true };
}

function childrenOf(path: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(path)];
  } catch (error) {
    if (isDenied(error)) return [];
    throw error;
  }
}
