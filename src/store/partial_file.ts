import { lockFile } from "../io/file_lock.ts";
import {
  createRegularFile,
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

/** A partial that is open and locked. */
export interface OpenPartial {
  readonly file: Deno.FsFile;
  /** Whether it was not there before: nothing is in it. */
  readonly isNew: boolean;
}

/**
 * Opens and locks a partial, creating it where there is none. The lock is on the file itself, so
 * once it is ours the path must still name that file: its last holder may have moved or removed it.
 *
 * Whether the blob is committed is asked once the lock is ours, and before it only where somebody
 * else had it: that nothing is there is told by an error, which takes 60 µs to come up.
 *
 * @returns the locked file, or undefined when the blob is committed.
 */
export async function openPartial(
  path: string,
  { signal, onWait, isCommitted }: OpenPartialOptions,
): Promise<OpenPartial | undefined> {
  let notify = onWait;
  do {
    const created = createRegularFile(path);
    const file = created ??
      openRegularFile(path, { write: true, create: true });
    try {
      await lockFile(file, path, {
        signal,
        onWait: () => {
          notify?.();
          notify = undefined;
        },
      });
      if (isStillThere(file, path)) {
        // Another may have begun with it before the lock was ours.
        const isNew = created !== undefined && file.statSync().size === 0;
        if (!isCommitted()) return { file, isNew };
        removeIfThere(path);
      }
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
  } while (!isCommitted());
  return undefined;
}

function isStillThere(file: Deno.FsFile, path: string): boolean {
  const named = findRegularFile(path);
  return named !== undefined && isSameFile(named, file.statSync());
}
