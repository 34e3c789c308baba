/** Which row of the exit code table a failure belongs to; fixed by the contract with users. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130;

/** What a {@linkcode DrayError} carries besides its message. */
export interface DrayErrorOptions {
  /** The command or setting that mends it, shown on a line of its own. */
  readonly hint?: string | undefined;
  /** What was thrown below, for `--log-level debug`. */
  readonly cause?: unknown;
  /** Facts for programs: status, expected, actual, host, attempt. Never a secret. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/**
 * Base of everything that dray throws for a caller to handle. Decide on
 * {@linkcode DrayError.code}, which is stable, never on the message.
 */
export abstract class DrayError extends Error {
  /** The process's exit code for this failure. */
  abstract readonly exitCode: ExitCode;
  /** Stable, kebab-case. */
  readonly code: string;
  /** What mends it, where that is known. */
  readonly hint?: string;
  /** Facts for programs. */
  readonly details: Readonly<Record<string, string | number>>;

  /** Made by the subclasses, each with the exit code of its row. */
  constructor(code: string, message: string, options: DrayErrorOptions = {}) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = new.target.name;
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** Exit code 1: a failure that no other row names, or several that differ. */
export class OperationError extends DrayError {
  /** The row's exit code. */
  override readonly exitCode = 1;
}

/** Exit code 2: wrong usage, or a malformed reference, platform or digest. */
export class UsageError extends DrayError {
  /** The row's exit code. */
  override readonly exitCode = 2;
}

/** Exit code 3: no such repository, tag, manifest or platform, or not in the store. */
export class NotFoundError extends DrayError {
  /** The row's exit code. */
  override readonly exitCode = 3;
}

/** Exit code 4: authentication or authorization was refused. */
export class AuthError extends DrayError {
  /** The row's exit code. */
  override readonly exitCode = 4;
}

/** Exit code 5: a registry was out of reach, timed out, kept failing or limited the rate. */
export class UnavailableError extends DrayError {
  /** The row's exit code. */
  override readonly exitCode = 5;
}

/** Exit code 6: a digest or size did not match, or content is damaged or contradicts itself. */
export class IntegrityError extends DrayError {
  /** The row's exit code. */
  override readonly exitCode = 6;
}

/** Exit code 7: the local side failed: disk full, no permission, store in a newer format. */
export class LocalError extends DrayError {
  /** The row's exit code. */
  override readonly exitCode = 7;
}

/** Exit code 130: the user interrupted; what was transferred stays for the next run. */
export class InterruptedError extends DrayError {
  /** The row's exit code. */
  override readonly exitCode = 130;
}
