import { LocalError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import {
  DEFAULT_HELPER_TIMEOUT_MS,
  describeFailure,
  type HelperOptions,
  saysNotFound,
} from "./credential_helper.ts";
import {
  type HelperCall,
  HelperError,
  runHelperProgram,
} from "./run_helper.ts";

/** What a helper is to keep or to forget. */
export interface StoreCall {
  readonly helper: string;
  readonly registry: string;
  readonly action: "store" | "erase";
  readonly input: string;
}

/** Settings of {@linkcode callHelper}. */
export interface CallHelperOptions extends HelperOptions {
  /** That names the helper. */
  readonly file: string;
  /** Ends the helper. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has a helper keep or forget a credential.
 *
 * @returns false when there was none to forget.
 * @throws LocalError helper-failed
 */
export async function callHelper(
  { helper, registry, action, input }: StoreCall,
  options: CallHelperOptions,
): Promise<boolean> {
  const {
    runHelper = runHelperProgram,
    helperTimeoutMs = DEFAULT_HELPER_TIMEOUT_MS,
    signal,
  } = options;
  const program = `docker-credential-${helper}`;
  const call: HelperCall = {
    program,
    action,
    input,
    timeoutMs: helperTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    const { success, stdout, stderr } = await runHelper(call);
    if (success) return true;
    if (action === "erase" && saysNotFound(stdout)) return false;
    throw new HelperError(describeFailure(stdout, stderr));
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof HelperError)) throw error;
    const verb = action === "store" ? "keep" : "forget";
    throw new LocalError(
      "helper-failed",
      `Cannot ${verb} the credential of "${registry}": "${program}" ${error.message}`,
      {
        cause: error,
        hint: `the helper is named in ${quoteText(options.file)}`,
      },
    );
  }
}
