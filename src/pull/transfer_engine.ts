import { Deadlines } from "../http/deadlines.ts";
import type { RepositoryName } from "../registry/repository_name.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import type { FillSettings } from "./blob_fill.ts";
import type { BlobOutcome } from "./blob_outcome.ts";
import { ConnectionPool } from "./connection_pool.ts";
import { Flight, type FlightControls, type TransferOptions } from "./flight.ts";
import type { BlobClient, BlobStore } from "./ports.ts";
import { RateLimiter } from "./rate_limiter.ts";
import { DEFAULT_RETRY_BUDGET, type RetryBudget } from "./retry_budget.ts";
import { Scheduler } from "./scheduler.ts";
import { transferBlob } from "./transfer_blob.ts";
import { Turnstile } from "./turnstile.ts";

/** How a {@linkcode TransferEngine} works. */
export interface TransferEngineOptions {
  /** Whom to ask for blobs. */
  readonly client: BlobClient;
  /** Where they go. */
  readonly store: BlobStore;
  /** Requests at a time, documents included. Default 8. */
  readonly maxConnections?: number;
  /** Bytes a second, all connections together. Default: no limit. */
  readonly limitRate?: number;
  /** Longest silence in a body, in ms. Default 30,000. */
  readonly idleTimeoutMs?: number;
  /** Smallest part of a blob that gets a request of its own, in bytes. Default 2 MiB. */
  readonly minPieceBytes?: number;
  /** Shortest gain that is worth another request, in ms. Default 150. */
  readonly minSavingMs?: number;
  /** How often and how soon a transfer that dies is taken up again. */
  readonly retry?: RetryBudget;
  /** Monotonic clock, ms. Default `performance.now`. */
  readonly now?: () => number;
  /** From 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * A connection that is this fast is near enough to what hashing and writing can
 * do. A split would cut its answer off, with the megabytes that are on their way.
 */
const CEILING_BYTES_PER_SECOND = 200 * 2 ** 20;

/**
 * Transfers blobs into a store. Pulls that share an engine share its
 * connections and its rate, and a blob that several want is fetched once.
 */
export class TransferEngine implements Disposable {
  /** Bounds all requests; documents take their connections from here, too. */
  readonly connections: ConnectionPool;
  readonly #store: BlobStore;
  readonly #settings: FillSettings;
  readonly #scheduler: Scheduler;
  readonly #turnstile: Turnstile;
  readonly #flights = new Map<Digest, Flight>();

  /** An engine with nothing to do; its connections are opened as they are needed. */
  constructor(options: TransferEngineOptions) {
    const { limitRate, now = () => performance.now() } = options;
    this.connections = new ConnectionPool(options.maxConnections ?? 8, {
      restTurns: 2,
    });
    this.#store = options.store;
    this.#settings = {
      client: options.client,
      limiter: limitRate === undefined
        ? undefined
        : new RateLimiter({ bytesPerSecond: limitRate, now }),
      now,
      random: options.random ?? Math.random,
      idleTimeoutMs: options.idleTimeoutMs ?? 30_000,
      deadlines: new Deadlines(),
      retry: options.retry ?? DEFAULT_RETRY_BUDGET,
    };
    this.#turnstile = new Turnstile(this.connections.max);
    this.#scheduler = new Scheduler(this.connections, {
      now,
      moreToCome: () => this.#turnstile.waiting > 0,
      minPieceBytes: options.minPieceBytes ?? 2 ** 21,
      minSavingMs: options.minSavingMs ?? 150,
      ceilingBytesPerSecond: Math.min(
        CEILING_BYTES_PER_SECOND,
        (limitRate ?? Infinity) * 0.9,
      ),
    });
  }

  /** The blobs of the transfers under way. */
  get underWay(): Iterable<Digest> {
    return this.#flights.keys();
  }

  /** Bytes that transfers under way will still write. */
  get outstandingBytes(): number {
    let bytes = 0;
    for (const { outstanding } of this.#flights.values()) bytes += outstanding;
    return bytes;
  }

  /**
   * Brings a blob into the store, unless it is there. Whoever asks for one that
   * is on its way waits for it; it is given up when nobody waits any more.
   *
   * @throws IntegrityError, UnavailableError, NotFoundError, AuthError, LocalError; the signal's reason
   */
  async transfer(
    repository: RepositoryName,
    descriptor: Descriptor,
    options: TransferOptions = {},
  ): Promise<BlobOutcome> {
    const { digest, size } = descriptor;
    for (;;) {
      options.signal?.throwIfAborted();
      const flight = this.#flights.get(digest);
      if (flight === undefined) {
        return await this.#start(repository, descriptor).board(options);
      }
      if (flight.isAbandoned) {
        await flight.ended();
        continue;
      }
      try {
        await flight.board(options);
        return { status: "reused", bytesReceived: 0, bytesReused: size };
      } catch (error) {
        // Another repository may have what that one lacks or denies.
        if (flight.repository === repositoryKey(repository)) throw error;
      }
    }
  }

  /** Lets go of the connection pool; no transfer may be under way. */
  [Symbol.dispose](): void {
    this.#scheduler[Symbol.dispose]();
    this.connections[Symbol.dispose]();
  }

  #start(repository: RepositoryName, descriptor: Descriptor): Flight {
    const { digest, size } = descriptor;
    const flight = new Flight(
      repositoryKey(repository),
      size,
      async (controls) => {
        try {
          return await this.#fly(repository, descriptor, controls);
        } finally {
          this.#flights.delete(digest);
        }
      },
    );
    this.#flights.set(digest, flight);
    return flight;
  }

  async #fly(
    repository: RepositoryName,
    descriptor: Descriptor,
    controls: FlightControls,
  ): Promise<BlobOutcome> {
    const { digest, size } = descriptor;
    using turn = await this.#turnstile.enter(size, controls.signal);
    const outcome = await transferBlob({
      ...controls,
      repository,
      descriptor,
      turn,
      store: this.#store,
      settings: this.#settings,
      complete: (fill) => this.#scheduler.complete(fill),
    });
    const { status } = outcome;
    controls.emit({ event: "blob-done", digest, size, status });
    return outcome;
  }
}

function repositoryKey(repository: RepositoryName): string {
  if (typeof repository === "string") return repository;
  return `${repository.registry}/${repository.repository}`;
}
