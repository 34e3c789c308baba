import { IntegrityError, UnavailableError } from "../errors.ts";
import type { BodyReader } from "../http/body_reader.ts";
import type { Piece } from "./piece.ts";
import type { RateLimiter } from "./rate_limiter.ts";

/** How the body of an answer is read. */
export interface ReadOptions {
  /** Monotonic clock, ms. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly limiter?: RateLimiter | undefined;
  /** Over this time at least {@linkcode minWindowBytes} must come, in ms. */
  readonly idleTimeoutMs: number;
  readonly minWindowBytes: number;
  /** Told of bytes as they arrive. */
  readonly onReceived: (bytes: number) => void;
}

/** What was received is written at least this often, so that a crash loses little, in ms. */
const FLUSH_AFTER_MS = 40;
/** Fewer bytes than these are gathered before they are written. */
const GATHER_BYTES = 256 * 1024;

/** Reads a piece's answer in large chunks. */
export class ChunkReader {
  readonly #body: BodyReader;
  readonly #piece: Piece;
  readonly #options: ReadOptions;
  /** Memory for reads whose bytes are gathered: a read that fails takes its memory along. */
  #scratch: Uint8Array<ArrayBuffer> | undefined;
  /** Thrown once what came before it is handed out. */
  #failure: { readonly error: unknown } | undefined;
  #windowMs = 0;
  #windowBytes = 0;

  constructor(body: BodyReader, piece: Piece, options: ReadOptions) {
    this.#body = body;
    this.#piece = piece;
    this.#options = options;
  }

  /**
   * Fills memory with the answer's next bytes, up to the piece's end.
   *
   * @returns The filled part, of the same memory, which is detached; empty at the answer's end.
   * @throws UnavailableError `timeout` when fewer bytes trickle than a living connection sends.
   */
  async read(
    memory: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const deadline = this.#options.now() + FLUSH_AFTER_MS;
    const first = await this.#readSome(memory, this.#wanted(memory));
    if (first.length === 0) return first;
    const whole = new Uint8Array(first.buffer);
    let filled = first.length;
    while (
      filled < Math.min(GATHER_BYTES, this.#wanted(whole)) &&
      this.#options.now() < deadline
    ) {
      const more = await this.#gather(whole, filled);
      if (more === 0) break;
      filled += more;
    }
    return whole.subarray(0, filled);
  }

  async #gather(whole: Uint8Array, filled: number): Promise<number> {
    const wanted = this.#wanted(whole) - filled;
    const scratch = this.#scratch ??
      new Uint8Array(Math.min(GATHER_BYTES, wanted));
    try {
      const view = await this.#readSome(scratch, wanted);
      this.#scratch = new Uint8Array(view.buffer);
      whole.set(view, filled);
      return view.length;
    } catch (error) {
      this.#failure = { error };
      return 0;
    }
  }

  #wanted(memory: Uint8Array): number {
    return Math.min(memory.length, this.#piece.end - this.#piece.position);
  }

  async #readSome(
    memory: Uint8Array<ArrayBuffer>,
    most: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { now, signal, limiter, onReceived } = this.#options;
    const startMs = now();
    const end = Math.min(most, limiter?.readSize ?? Infinity);
    const view = await this.#body.read(memory.subarray(0, end));
    const nowMs = now();
    if (view.length === 0) return view;
    this.#piece.pace.onRead(view.length, nowMs);
    onReceived(view.length);
    this.#expectFlow(nowMs - startMs, view.length);
    await limiter?.take(view.length, signal);
    return view;
  }

  /** Only time spent waiting for the network counts, not for the disk or the rate limit. */
  #expectFlow(waitedMs: number, bytes: number): void {
    this.#windowMs += waitedMs;
    this.#windowBytes += bytes;
    if (this.#windowMs < this.#options.idleTimeoutMs) return;
    const enough = this.#windowBytes >= this.#options.minWindowBytes;
    const rate = `${this.#windowBytes} bytes in ${
      Math.round(this.#windowMs)
    } ms`;
    this.#windowMs = 0;
    this.#windowBytes = 0;
    if (!enough) {
      throw new UnavailableError(
        "timeout",
        `Cannot read "${this.#piece.source}": only ${rate}`,
        {
          details: { host: this.#piece.source ?? "" },
        },
      );
    }
  }
}

/** The error of an answer that ends, in good order, before its time. */
export function endedEarly(piece: Piece): IntegrityError {
  const { source = "", position, end } = piece;
  return new IntegrityError(
    "size-mismatch",
    `Cannot read "${source}": the answer ends at byte ${position} of ${end}`,
    { details: { host: source, expected: end, actual: position } },
  );
}
