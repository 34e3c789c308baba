import { LocalError } from "../errors.ts";
import { findSystemCode, toLocalError } from "./local_error.ts";
import { openRegularFile } from "./open_regular_file.ts";

/** Options of {@linkcode lockFile} and {@linkcode openLock}. */
export interface LockOptions {
  /** Default false: exclusive. */
  readonly shared?: boolean;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called once, when the lock is held by another and has to be waited for. */
  readonly onWait?: (() => void) | undefined;
}

/** A lock on a file; the death of its holder releases it. */
export interface FileLock extends AsyncDisposable {
  /** Gives it back; a second time does nothing. */
  [Symbol.asyncDispose](): Promise<void>;
}

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 100;

/**
 * Locks a file that is open, for as long as it is open. Two openings exclude each other even
 * within one process. Asks again and again instead of sleeping in the system: that could not be
 * aborted, and would keep the process from ending.
 *
 * @throws LocalError `io` where the file system has no locks.
 */
export async function lockFile(
  file: Deno.FsFile,
  path: string,
  { shared = false, signal, onWait }: LockOptions = {},
): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  for (let attempt = 0; !tryLock(file, path, shared); attempt++) {
    if (attempt === 0) onWait?.();
    await sleep(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

/** Opens (and where need be creates) a file that is nothing but a lock, and locks it. */
export async function openLock(
  path: string,
  options: LockOptions = {},
): Promise<FileLock> {
  return await holdLock(
    openRegularFile(path, { write: true, create: true }),
    path,
    options,
  );
}

/**
 * Locks a file together with others, for somebody who may have leave only to read. Where the file
 * can be neither made nor opened nothing is locked: whoever reads then takes what is there.
 */
export async function openSharedLock(
  path: string,
  options: Omit<LockOptions, "shared"> = {},
): Promise<FileLock> {
  const file = tryOpen(path);
  if (file === undefined) return NO_LOCK;
  return await holdLock(file, path, { ...options, shared: true });
}

const NO_LOCK: FileLock = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** A file that is there needs no more than leave to read. */
function tryOpen(path: string): Deno.FsFile | undefined {
  try {
    return openRegularFile(path) ??
      openRegularFile(path, { write: true, create: true });
  } catch (error) {
    const isOutOfReach = error instanceof LocalError &&
      (error.code === "permission-denied" || error.code === "disk-full" ||
        error.details["systemCode"] === "ENOENT");
    if (isOutOfReach) return undefined;
    throw error;
  }
}

async function holdLock(
  file: Deno.FsFile,
  path: string,
  options: LockOptions,
): Promise<FileLock> {
  try {
    await lockFile(file, path, options);
  } catch (error) {
    file.close();
    throw error;
  }
  let held = true;
  return {
    [Symbol.asyncDispose]: () => {
      if (held) file.close();
      held = false;
      return Promise.resolve();
    },
  };
}

function tryLock(file: Deno.FsFile, path: string, shared: boolean): boolean {
  try {
    return file.tryLockSync(!shared);
  } catch (error) {
    if (!isUnsupported(error)) throw toLocalError(error, "lock", path);
    throw new LocalError(
      "io",
      `Cannot lock "${path}": the file system has no locks`,
      {
        cause: error,
        hint: "put the store on a local disk (--store DIR or DRAY_HOME)",
        details: { path },
      },
    );
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Deno.errors.NotSupported ||
    ["ENOLCK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]
      .includes(findSystemCode(error) ?? "");
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    }
  });
}
