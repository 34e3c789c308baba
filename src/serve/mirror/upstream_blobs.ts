import { NotFoundError } from "../../errors.ts";
import type { ByteRange } from "../../io/byte_range.ts";
import { openRegularFile } from "../../io/open_regular_file.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import type { Digest } from "../../spec/digest.ts";
import type { Store } from "../../store/store.ts";
import { followBlob } from "./follow_blob.ts";
import { GrowingBlob } from "./growing_blob.ts";
import type {
  UpstreamBlobStore,
  UpstreamEngine,
  UpstreamIngest,
  UpstreamRepository,
} from "./upstream.ts";

/** Options of {@linkcode UpstreamBlobs}. */
export interface UpstreamBlobsOptions {
  readonly store: Pick<
    Store,
    "openIngest" | "keptBytes" | "blobPath" | "partialPath"
  >;
  /** Makes the engine that writes into the store it is given. */
  readonly openEngine: (store: UpstreamBlobStore) => UpstreamEngine;
  /** Runs work while nothing of the store is pruned. */
  readonly keepDuring: <T>(work: () => Promise<T>) => Promise<T>;
  /** Told of bytes that came. */
  readonly onBytes: (bytes: number) => void;
}

interface Followed {
  readonly growing: GrowingBlob;
  readers: number;
}

/** Blobs that come from upstream: streamed to whoever asks while they are stored. */
export class UpstreamBlobs {
  readonly #store: UpstreamBlobsOptions["store"];
  readonly #engine: UpstreamEngine;
  readonly #keepDuring: UpstreamBlobsOptions["keepDuring"];
  readonly #underWay = new Set<Promise<void>>();
  readonly #followed = new Map<Digest, Followed>();

  /** Nothing is fetched yet. */
  constructor(options: UpstreamBlobsOptions) {
    const { store, openEngine, onBytes, keepDuring } = options;
    this.#store = store;
    this.#keepDuring = keepDuring;
    this.#engine = openEngine({
      keptBytes: (blobs) => store.keptBytes(blobs),
      openIngest: async (descriptor, options) => {
        const ingest = await store.openIngest(descriptor, options);
        return ingest && this.#watch(descriptor, ingest, onBytes);
      },
    });
  }

  /**
   * Opens a part of a blob as it arrives; `onStored` is called once it is whole and verified.
   *
   * @throws What the transfer fails with before the first byte is there.
   */
  async open(
    repository: UpstreamRepository,
    descriptor: Descriptor,
    range: ByteRange,
    options: {
      readonly signal?: AbortSignal | undefined;
      readonly onStored: () => Promise<void>;
    },
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { digest, size } = descriptor;
    const left = new AbortController();
    const signal = options.signal === undefined
      ? left.signal
      : AbortSignal.any([left.signal, options.signal]);
    const { growing, leave } = this.#enter(descriptor);
    let isDone = false;
    const transfer = async (): Promise<void> => {
      await this.#engine.transfer(repository, descriptor, { signal });
      await options.onStored();
      isDone = true;
    };
    const done = this.#keepDuring(transfer).finally(leave);
    this.#underWay.add(done);
    const forget = (): void => void this.#underWay.delete(done);
    done.then(forget, forget);
    done.catch(() => {});
    while (!isDone && !growing.hasBytes) {
      await Promise.race([done, growing.changed]);
    }
    return followBlob({
      digest,
      size,
      growing,
      done,
      open: () => this.#openFile(digest),
      leave: () => left.abort(new DOMException("Nobody reads", "AbortError")),
    }, range);
  }

  /** Resolves once nothing is written any more; whoever asked must have gone. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** The blob's growth, kept as long as anybody waits for it. */
  #enter(
    { digest, size }: Descriptor,
  ): { readonly growing: GrowingBlob; readonly leave: () => void } {
    const followed = this.#followed.get(digest) ??
      { growing: new GrowingBlob(size), readers: 0 };
    this.#followed.set(digest, followed);
    followed.readers++;
    const leave = (): void => {
      if (--followed.readers === 0) this.#followed.delete(digest);
    };
    return { growing: followed.growing, leave };
  }

  /** The partial's file becomes the blob's: it is in one of the two places. */
  #openFile(digest: Digest): Deno.FsFile {
    const file = openRegularFile(this.#store.partialPath(digest)) ??
      openRegularFile(this.#store.blobPath(digest));
    if (file !== undefined) return file;
    throw new NotFoundError(
      "not-in-store",
      `Cannot serve blob "${digest}": it is not in the store`,
    );
  }

  #watch(
    { digest }: Descriptor,
    ingest: UpstreamIngest,
    onBytes: (bytes: number) => void,
  ): UpstreamIngest {
    const growing = this.#followed.get(digest)?.growing;
    growing?.begin(ingest.missing);
    return {
      kept: ingest.kept,
      get missing() {
        return ingest.missing;
      },
      writeAt: async (offset, bytes) => {
        await ingest.writeAt(offset, bytes);
        onBytes(bytes.length);
        growing?.add({ start: offset, end: offset + bytes.length });
      },
      reset: async () => {
        await ingest.reset();
        growing?.begin(ingest.missing);
      },
      commit: () => ingest.commit(),
      [Symbol.asyncDispose]: () => ingest[Symbol.asyncDispose](),
    };
  }
}
