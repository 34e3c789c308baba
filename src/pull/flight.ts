import type { DrayEvent, EventListener } from "../events.ts";
import type { GrowingFile } from "../io/growing_file.ts";
import type { BlobOutcome } from "./blob_outcome.ts";

/** For whom a blob is transferred. */
export interface TransferOptions {
  /** Told of the blob's events. */
  readonly onEvent?: EventListener | undefined;
  /** Told of what is on disk, for who reads along. */
  readonly file?: GrowingFile | undefined;
  /** Ends the wait, and the transfer unless another waits for it. */
  readonly signal?: AbortSignal | undefined;
}

/** What the one who flies is given. */
export interface FlightControls {
  /** Ends the transfer. */
  readonly signal: AbortSignal;
  /** Tells all passengers. */
  readonly emit: (event: DrayEvent) => void;
  /** Told of what is on disk, in bytes. */
  readonly onDisk: (bytes: number) => void;
  /** The files of all passengers who read along. */
  readonly files: ReadonlySet<GrowingFile>;
}

/** A blob on its way, shared by all who want it. */
export class Flight {
  /** Where it comes from. */
  readonly repository: string;
  readonly #controller = new AbortController();
  readonly #listeners = new Set<EventListener>();
  readonly #files = new Set<GrowingFile>();
  readonly #outcome: Promise<BlobOutcome>;
  #passengers = 0;
  #outstanding: number;

  /**
   * @param size Of the blob, in bytes.
   * @param fly Starts a moment later, when the first passenger is aboard.
   */
  constructor(
    repository: string,
    size: number,
    fly: (controls: FlightControls) => Promise<BlobOutcome>,
  ) {
    this.repository = repository;
    this.#outstanding = size;
    this.#outcome = Promise.resolve().then(() =>
      fly({
        signal: this.#controller.signal,
        emit: (event) => this.#listeners.forEach((listener) => listener(event)),
        onDisk: (bytes) => void (this.#outstanding = size - bytes),
        files: this.#files,
      })
    );
    this.#outcome.catch(() => {});
  }

  /** Bytes still to be written. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Whether everybody left, so that it only ends. */
  get isAbandoned(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Settles when nothing of it goes on any more. */
  async ended(): Promise<void> {
    await Promise.allSettled([this.#outcome]);
  }

  /** Waits for it; the last who leaves ends it. */
  async board(
    { signal, onEvent, file }: TransferOptions,
  ): Promise<BlobOutcome> {
    this.#passengers++;
    if (file !== undefined) this.#files.add(file);
    if (onEvent !== undefined) this.#listeners.add(onEvent);
    const left = Promise.withResolvers<never>();
    const leave = () => {
      if (--this.#passengers > 0) {
        if (onEvent !== undefined) this.#listeners.delete(onEvent);
        left.reject(signal?.reason);
      } else {
        // Nothing may be written any more once this settles, so it waits for the end.
        this.#controller.abort(signal?.reason);
      }
    };
    signal?.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([this.#outcome, left.promise]);
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }
}
