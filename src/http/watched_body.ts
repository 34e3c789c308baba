import type { BodyOptions, BodyReader } from "./body_reader.ts";
import { type ByteSource, openByteSource } from "./byte_source.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";
import type { HttpResponse } from "./http_request.ts";
import { networkError } from "./network_error.ts";

/** A body whose silences are limited and whose failures have names. */
export class WatchedBody implements BodyReader {
  readonly #source: ByteSource;
  readonly #url: string;
  readonly #idleTimeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#fail(this.#signal?.reason);
  #failure: { readonly reason: unknown } | undefined;
  #waitingSinceMs: number | undefined;
  readonly #deadlines: Deadlines;
  #deadline: Deadline | undefined;

  constructor(response: HttpResponse, options: BodyOptions) {
    this.#source = openByteSource(response.body);
    this.#url = response.url;
    this.#deadlines = options.deadlines ?? new Deadlines();
    this.#idleTimeoutMs = options.idleTimeoutMs ?? 30_000;
    this.#signal = options.signal;
    if (this.#signal?.aborted) this.#onAbort();
    else this.#signal?.addEventListener("abort", this.#onAbort);
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    this.#throwFailure();
    this.#waitingSinceMs = performance.now();
    if (this.#deadline === undefined) this.#watch(this.#idleTimeoutMs);
    try {
      const part = await this.#source.read(into);
      this.#throwFailure(); // what a cancelled stream gives looks like its end
      if (part.length === 0) this.#release();
      return part;
    } catch (error) {
      this.#release();
      throw this.#toError(error);
    } finally {
      this.#waitingSinceMs = undefined;
    }
  }

  async cancel(): Promise<void> {
    this.#release();
    await this.#source.cancel();
  }

  /**
   * One deadline for all reads, which looks at the clock when it is past: beginning
   * and ending one for each read would cost more than the read's own bookkeeping.
   */
  #watch(delayMs: number): void {
    this.#deadline = this.#deadlines.begin(delayMs, () => {
      this.#deadline = undefined;
      if (this.#waitingSinceMs === undefined) return;
      const silentMs = performance.now() - this.#waitingSinceMs;
      if (silentMs < this.#idleTimeoutMs) {
        return this.#watch(this.#idleTimeoutMs - silentMs);
      }
      const seconds = this.#idleTimeoutMs / 1000;
      this.#fail(
        networkError(
          "timeout",
          "timeout",
          URL.parse(this.#url),
          `it sent nothing for ${seconds} s`,
        ),
      );
    });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  /** Cancelling ends a read that waits, which then throws the reason. */
  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    void this.cancel();
  }

  #release(): void {
    this.#deadlines.end(this.#deadline);
    this.#deadline = undefined;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #toError(error: unknown): unknown {
    if (this.#failure !== undefined) return this.#failure.reason;
    // Streams of the platform fail with a TypeError; anything else is already what it should be.
    if (!(error instanceof TypeError)) return error;
    const what = "the connection broke before the end of its answer";
    return networkError("reset", "unreachable", URL.parse(this.#url), what, {
      cause: error,
    });
  }
}
