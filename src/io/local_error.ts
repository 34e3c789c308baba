import { DrayError, LocalError } from "../errors.ts";

interface Cause {
  readonly code: string;
  readonly what: string;
  readonly hint?: string;
}

const PERMISSION = "permission-denied";
const CAUSES: Readonly<Record<string, Cause>> = {
  ENOSPC: {
    code: "disk-full",
    what: "no space is left on the device",
    hint: "free some space and run it again",
  },
  EDQUOT: { code: "disk-full", what: "the disk quota is used up" },
  EFBIG: { code: "disk-full", what: "the file system takes no file this big" },
  EACCES: { code: PERMISSION, what: "permission denied" },
  EPERM: { code: PERMISSION, what: "operation not permitted" },
  EROFS: { code: PERMISSION, what: "the file system is read-only" },
  ENOENT: { code: "io", what: "no such file or folder" },
  EEXIST: { code: "io", what: "it exists already" },
  ENAMETOOLONG: {
    code: "io",
    what: "a name in it is longer than the file system takes",
  },
  ENOTDIR: { code: "io", what: "a part of the path is not a folder" },
  EISDIR: { code: "io", what: "it is a folder" },
  EIO: { code: "io", what: "the device reported an input/output error" },
  EMFILE: {
    code: "io",
    what: "too many files are open",
    hint: "raise the limit (ulimit -n) or lower --max-connections",
  },
  ENFILE: { code: "io", what: "the system has too many files open" },
  ENOLCK: { code: "io", what: "the file system has no locks" },
  ENOTSUP: { code: "io", what: "the file system does not support it" },
};

/** Where Deno gives no code of the system, the class of the error says as much. */
const CODES_BY_NAME: Readonly<Record<string, string>> = {
  PermissionDenied: "EACCES",
  NotFound: "ENOENT",
  AlreadyExists: "EEXIST",
  NotADirectory: "ENOTDIR",
  IsADirectory: "EISDIR",
  ReadOnlyFilesystem: "EROFS",
};

/** The code of the system in an error of Deno's or Node's, such as `ENOSPC`. */
export function findSystemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") {
    // Node's own codes, such as ERR_INVALID_ARG_TYPE, are of mistakes in the program.
    return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
  }
  return CODES_BY_NAME[error.name];
}

/**
 * What to throw for a failed system call: a {@linkcode LocalError} whose code
 * says what the user can do about it. Errors of dray's own and programmer's
 * mistakes come back as they are.
 *
 * @param action The verb of the message, `write` in `Cannot write "…"`.
 */
export function toLocalError(
  error: unknown,
  action: string,
  path: string,
): unknown {
  if (error instanceof DrayError || !(error instanceof Error)) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new LocalError(
      PERMISSION,
      // Deno's own text goes on with advice about its command line.
      `Cannot ${action} "${path}": permission denied`,
      { cause: error, details: { path } },
    );
  }
  const systemCode = findSystemCode(error);
  if (systemCode === undefined) return error;
  const cause = CAUSES[systemCode] ?? { code: "io", what: error.message };
  return new LocalError(
    cause.code,
    `Cannot ${action} "${path}": ${cause.what}`,
    { cause: error, hint: cause.hint, details: { path, systemCode } },
  );
}

/** Runs a system call, and throws what {@linkcode toLocalError} makes of its failure. */
export function guardLocal<T>(action: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toLocalError(error, action, path);
  }
}

/** {@linkcode guardLocal} for a call that takes its time. */
export async function localCall<T>(
  action: string,
  path: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toLocalError(error, action, path);
  }
}
