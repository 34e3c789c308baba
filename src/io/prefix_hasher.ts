import type { Digest, DigestAlgorithm } from "../spec/digest.ts";
import { createHasher, type Hasher } from "./hash.ts";
import type { HashJob, HashWorker } from "./hash_worker.ts";
import { localCall } from "./local_error.ts";

/** Bytes read back and hashed between two turns of the event loop; under 1 ms of work. */
const PIECE_BYTES = 1 << 20;
/** Bytes between two messages to the worker. */
const ADVANCE_BYTES = 2 << 20;

/**
 * Hashes a file from its start as the part of it that is there without a gap grows. What comes
 * in order is hashed from the caller's buffer; the rest is read back once it is its turn. With a
 * worker all of it is read back there, from memory still, and this thread is free for the network.
 */
export class PrefixHasher {
  readonly #path: string;
  readonly #algorithm: DigestAlgorithm;
  #hasher: Hasher | undefined;
  #position = 0;
  #goal = 0;
  #catchingUp: Promise<void> | undefined;
  #failure: unknown;
  #job: HashJob | undefined;
  #advanced = 0;

  constructor(path: string, algorithm: DigestAlgorithm, worker?: HashWorker) {
    this.#path = path;
    this.#algorithm = algorithm;
    this.#job = worker?.open(path, algorithm);
  }

  /** Offers bytes that were written at an offset. */
  update(offset: number, bytes: Uint8Array): void {
    if (this.#job !== undefined || this.#catchingUp !== undefined) return;
    if (offset !== this.#position) return;
    this.#hasher ??= createHasher(this.#algorithm);
    this.#hasher.update(bytes);
    this.#position += bytes.length;
  }

  /** Tells that the file is there up to `goal`, and lets the hash catch up in the background. */
  advance(goal: number): void {
    this.#goal = Math.max(this.#goal, goal);
    if (this.#job === undefined) {
      this.#startCatchingUp();
    } else if (goal - this.#advanced >= ADVANCE_BYTES) {
      this.#advanced = goal;
      this.#job.advance(goal);
    }
  }

  /** The digest of the first `size` bytes, all of which are in the file. Ends the hasher. */
  async finish(size: number): Promise<Digest> {
    const digest = await this.#finishOnWorker(size);
    if (digest !== undefined) return digest;
    this.#goal = size;
    while (this.#position < size) {
      this.#startCatchingUp();
      await this.#catchingUp;
      if (this.#failure !== undefined) throw this.#failure;
    }
    return (this.#hasher ?? createHasher(this.#algorithm)).digest();
  }

  /** Gives up, and waits for the background work. */
  async stop(): Promise<void> {
    this.#job?.close();
    this.#job = undefined;
    this.#goal = 0;
    await this.#catchingUp;
  }

  /** Undefined where there is no worker, or it failed: a thread is an advantage, not a need. */
  async #finishOnWorker(size: number): Promise<Digest | undefined> {
    const job = this.#job;
    this.#job = undefined;
    try {
      return await job?.finish(size);
    } catch {
      return undefined;
    }
  }

  #startCatchingUp(): void {
    if (this.#position >= this.#goal || this.#catchingUp !== undefined) return;
    this.#catchingUp = this.#catchUp()
      .catch((error) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#catchingUp = undefined;
      });
  }

  async #catchUp(): Promise<void> {
    const hasher = this.#hasher ??= createHasher(this.#algorithm);
    const buffer = new Uint8Array(PIECE_BYTES);
    await localCall("read", this.#path, async () => {
      using file = Deno.openSync(this.#path);
      file.seekSync(this.#position, Deno.SeekMode.Start);
      while (this.#position < this.#goal) {
        const rest = Math.min(PIECE_BYTES, this.#goal - this.#position);
        const read = await file.read(buffer.subarray(0, rest));
        if (read === null) throw new Deno.errors.UnexpectedEof("file is short");
        hasher.update(buffer.subarray(0, read));
        this.#position += read;
      }
    });
  }
}
