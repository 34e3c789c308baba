import { IntegrityError } from "../../errors.ts";
import type { ByteRange } from "../../io/byte_range.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import type { Digest } from "../../spec/digest.ts";
import { RefusedError } from "../refused_error.ts";
import type { ServedBlob } from "../registry_source.ts";
import type { MirrorOptions, MirrorParts } from "./mirror_parts.ts";
import { refuseUpstream } from "./refuse_upstream.ts";
import type { UpstreamRepository } from "./upstream.ts";
import { UpstreamBlobs } from "./upstream_blobs.ts";
import { canonicalName, storedName } from "./upstream_repository.ts";

/** Configs and layers of a mirror. */
export class MirrorBlobs {
  readonly #parts: MirrorParts;
  readonly #upstream: UpstreamBlobs;

  /** Nothing is fetched yet. */
  constructor(parts: MirrorParts, openEngine: MirrorOptions["openEngine"]) {
    const { store, lease, observer } = parts;
    this.#parts = parts;
    this.#upstream = new UpstreamBlobs({
      store,
      openEngine,
      onBytes: observer.onBytes,
      keepDuring: (work) => lease.keepDuring(work),
    });
  }

  /**
   * A blob from the store where it is sound there, else from upstream.
   *
   * @throws RefusedError where upstream doesn't have it.
   */
  async find(
    upstream: UpstreamRepository,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<ServedBlob> {
    const { observer } = this.#parts;
    const descriptor = await this.#describe(upstream, digest, signal);
    const open: ServedBlob["open"] = async (range) => {
      try {
        return await this.#findStored(descriptor, range) ??
          await this.#fetch(upstream, descriptor, range, signal);
      } catch (error) {
        signal.throwIfAborted();
        observer.onFailure(error);
        throw refuseUpstream(error, "BLOB_UNKNOWN");
      }
    };
    return { size: descriptor.size, open };
  }

  async #describe(
    upstream: UpstreamRepository,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<Descriptor> {
    const { stored, followed } = this.#parts;
    const known = followed.findBlob(canonicalName(upstream), digest);
    if (known !== undefined) return known;
    const found = await stored.findBlob(storedName(upstream), digest);
    // A client may have the manifest from before this mirror was started.
    const size = found?.size ?? await this.#askSize(upstream, digest, signal);
    if (size !== undefined) return { mediaType: "", digest, size };
    throw new RefusedError("BLOB_UNKNOWN", "upstream doesn't tell its size");
  }

  async #askSize(
    upstream: UpstreamRepository,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { client, observer } = this.#parts;
    try {
      return await client.findBlobSize(upstream, digest, { signal });
    } catch (error) {
      signal.throwIfAborted();
      observer.onFailure(error);
      throw refuseUpstream(error, "BLOB_UNKNOWN");
    }
  }

  /** Resolves once nothing is written any more; whoever asked must have gone. */
  async ended(): Promise<void> {
    await this.#upstream.ended();
  }

  /** A damaged one makes room for a sound one. */
  async #findStored(
    descriptor: Descriptor,
    range: ByteRange,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
    const { store, stored, observer: { onLookup, onFailure } } = this.#parts;
    const { digest } = descriptor;
    // With its size: whoever made the manifest may have lied, and the blob be sound.
    if (!(await store.hasBlob(descriptor))) return undefined;
    try {
      const stream = await stored.blobOf(descriptor).open(range);
      onLookup("hit");
      return stream;
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      onFailure(error);
      await store.dropBlob(digest);
      return undefined;
    }
  }

  #fetch(
    upstream: UpstreamRepository,
    descriptor: Descriptor,
    range: ByteRange,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { recorder, observer } = this.#parts;
    observer.onLookup("miss");
    const onStored = (): Promise<void> =>
      recorder.record(canonicalName(upstream));
    const options = { signal, onStored };
    return this.#upstream.open(upstream, descriptor, range, options);
  }
}
