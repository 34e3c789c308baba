import { lockFile } from "../io/file_lock.ts";
import {
  findRegularFile,
  isSameFile,
  openRegularFile,
  removeIfThere,
} from "../io/open_regular_file.ts";

/** How {@linkcode openPartial} waits. */
export interface OpenPartialOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once, when another holds the lock. */
  readonly onWait?: (() => void) | undefined;
  /** Whether the blob is committed, which ends the wait. */
  readonly isCommitted: () => boolean;
}

/**
 * Opens and locks a partial, creating it where there is none. The lock is on the file itself, so
 * once it is ours the path must still name that file: its last holder may have moved or removed it.
 *
 * @returns the locked file, or undefined when the blob is committed.
 */
export async function openPartial(
  path: string,
  { signal, onWait, isCommitted }: OpenPartialOptions,
): Promise<Deno.FsFile | undefined> {
  let notify = onWait;
  while (!isCommitted()) {
    const file = openRegularFile(path, { write: true, create: true });
    try {
      await lockFile(file, path, {
        signal,
        onWait: () => {
          notify?.();
          notify = undefined;
        },
      });
      if (isStillThere(file, path)) {
        if (!isCommitted()) return file;
        removeIfThere(path);
      }
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
  }
  return undefined;
}

function isStillThere(file: Deno.FsFile, path: string): boolean {
  const named = findRegularFile(path);
  return named !== undefined && isSameFile(named, file.statSync());
}
