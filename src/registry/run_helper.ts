/** One run of a credential helper. */
export interface HelperCall {
  /** `docker-credential-desktop`; looked for in the PATH. */
  readonly program: string;
  /** The helper protocol's verb. */
  readonly action: "get" | "store" | "erase";
  /** What the helper reads: a server URL, or a credential as JSON. */
  readonly input: string;
  /** Longest run, in ms; the helper is stopped then. */
  readonly timeoutMs: number;
  /** Ends the helper. */
  readonly signal?: AbortSignal;
}

/** What a helper printed, and whether it was content. */
export interface HelperResult {
  /** Whether it exited with 0. */
  readonly success: boolean;
  /** What it printed, capped. */
  readonly stdout: string;
  /** Start of what it complained of, where it failed; missing where it said nothing. */
  readonly stderr?: string;
}

/**
 * Starts a credential helper.
 *
 * @throws HelperError when it can't be started, doesn't end, or prints too much
 */
export type RunHelper = (call: HelperCall) => Promise<HelperResult>;

/** A helper that gave no usable answer. The message goes on after the helper's name. */
export class HelperError extends Error {
  override readonly name = "HelperError";
}

const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_COMPLAINT_LENGTH = 4096;
/** Longest wait for the end of what a helper that has ended complained of: its children may hold it open. */
const COMPLAINT_MS = 200;

/** Runs a credential helper as a program of this machine. */
export async function runHelperProgram(
  call: HelperCall,
): Promise<HelperResult> {
  call.signal?.throwIfAborted();
  const child = startHelper(call);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new HelperError(`did not end within ${call.timeoutMs} ms`)),
    call.timeoutMs,
  );
  const abort = (): void => reject(call.signal?.reason);
  call.signal?.addEventListener("abort", abort, { once: true });
  const reader = child.stdout.getReader();
  const complaint = new Complaint(child.stderr);
  try {
    const result = await Promise.race([
      converse(child, reader, call.input),
      stopped,
    ]);
    if (result.success) return result;
    const stderr = await complaint.text();
    return stderr === "" ? result : { ...result, stderr };
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener("abort", abort);
    killQuietly(child);
    // Not awaited to its end: what the helper has started may hold it open for long.
    await Promise.all([reader.cancel(), complaint.cancel()]);
  }
}

/** What a helper writes to stderr: read to its end, so that it never waits for us, but only its start is kept. */
class Complaint {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #ended: Promise<void>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.#ended = this.#gather();
  }

  async text(): Promise<string> {
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, COMPLAINT_MS);
    await Promise.race([this.#ended, limit.promise]);
    clearTimeout(timer);
    return this.#text;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
    await this.#ended;
  }

  async #gather(): Promise<void> {
    const decoder = new TextDecoder();
    while (true) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      const rest = MAX_COMPLAINT_LENGTH - this.#text.length;
      this.#text += decoder.decode(value, { stream: true }).slice(0, rest);
    }
  }
}

async function converse(
  child: Deno.ChildProcess,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  input: string,
): Promise<HelperResult> {
  await writeInput(child, input);
  const stdout = await readOutput(reader);
  const { success } = await child.status;
  return { success, stdout };
}

function startHelper({ program, action }: HelperCall): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [action],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new HelperError("is not installed");
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw new HelperError(
        `may not be run (--allow-run=${program} permits it)`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new HelperError("may not be run");
    }
    throw new HelperError(
      `cannot be run: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function writeInput(
  child: Deno.ChildProcess,
  input: string,
): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // A helper may end without reading; what it printed says why.
  }
}

async function readOutput(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  while (true) {
    const { value, done } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > MAX_OUTPUT_BYTES) {
      throw new HelperError("prints more than 1 MiB");
    }
    text += decoder.decode(value, { stream: true });
  }
}

function killQuietly(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It ended by itself in between.
  }
}
