import { DrayError, type ExitCode } from "../errors.ts";
import { StdoutClosedError } from "./stdio.ts";
import type { Session } from "./session.ts";

/**
 * Does the same to several references: the rest go on after a failure, and a
 * summary says which failed.
 *
 * @param verb For the summary: `pull`.
 * @returns The exit code that all failures share, else 1; 0 without failures.
 */
export async function runBatch(
  session: Session,
  verb: string,
  references: readonly string[],
  work: (reference: string) => Promise<void>,
): Promise<number> {
  const failed = new Map<string, DrayError>();
  for (const reference of references) {
    try {
      await work(reference);
    } catch (error) {
      if (session.signal.aborted) throw session.signal.reason;
      if (error instanceof StdoutClosedError) throw error;
      failed.set(reference, session.reportError(error, reference));
    }
  }
  if (references.length > 1) {
    summarize(session, verb, references.length, failed);
  }
  return sharedExitCode([...failed.values()]);
}

/** Some of several references failed; each was reported by itself. */
class SeveralFailedError extends DrayError {
  override readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super("several-failed", message);
    this.exitCode = exitCode;
  }
}

/** The exit code that all failures share, else 1; 0 without failures. */
function sharedExitCode(
  failures: readonly DrayError[],
): ExitCode | 0 {
  const codes = new Set(failures.map((failure) => failure.exitCode));
  const [first, ...others] = codes;
  if (first === undefined) return 0;
  return others.length === 0 ? first : 1;
}

function summarize(
  session: Session,
  verb: string,
  total: number,
  failed: ReadonlyMap<string, DrayError>,
): void {
  const names = [...failed.keys()].join(", ");
  const message =
    `Cannot ${verb} ${failed.size} of ${total} references: ${names}`;
  const exitCode = sharedExitCode([...failed.values()]);
  if (exitCode !== 0) {
    session.reportError(new SeveralFailedError(exitCode, message));
  }
}
