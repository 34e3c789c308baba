import type { Descriptor } from "../../spec/descriptor.ts";
import type { Digest } from "../../spec/digest.ts";
import type { Document } from "../../spec/manifest.ts";
import type { ImageReference } from "../../spec/reference.ts";
import type { Ingest } from "../../store/ingest.ts";

/** A repository with its registry. */
export interface UpstreamRepository {
  readonly registry: string;
  readonly repository: string;
}

/** What a mirror asks its upstream for; a `RegistryClient` is one. */
export interface UpstreamClient {
  /** Finds what a tag points to. */
  resolve(
    reference: ImageReference,
    options: { readonly signal: AbortSignal },
  ): Promise<Descriptor>;
  /** Fetches a manifest or index, verified. */
  fetchDocument(
    reference: ImageReference,
    options: {
      readonly descriptor?: Descriptor;
      readonly signal: AbortSignal;
    },
  ): Promise<Document>;
  /** Bytes of a blob; undefined where upstream doesn't say. */
  findBlobSize(
    repository: UpstreamRepository,
    digest: Digest,
    options: { readonly signal: AbortSignal },
  ): Promise<number | undefined>;
  /** What refers to a digest; a NotFoundError where upstream has no such list. */
  listReferrers(
    repository: UpstreamRepository,
    subject: Digest,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly Descriptor[]>;
  /** All tags of a repository. */
  listTags(
    repository: UpstreamRepository,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<string>;
}

/** Brings blobs into a store, each once however many ask; a `TransferEngine` is one. */
export interface UpstreamEngine {
  /** Resolves when the blob is verified and committed. The last who aborts ends it. */
  transfer(
    repository: UpstreamRepository,
    descriptor: Descriptor,
    options: { readonly signal: AbortSignal },
  ): Promise<unknown>;
}

/** A blob that is being written, as the engine writes it. */
export type UpstreamIngest = Omit<Ingest, "size" | "path" | "prefixBytes">;

/** Where the engine puts blobs. */
export interface UpstreamBlobStore {
  /** Bytes that earlier runs left of blobs, where they left any. */
  keptBytes(blobs: readonly Descriptor[]): ReadonlyMap<Digest, number>;
  openIngest(
    descriptor: Descriptor,
    options: { readonly signal?: AbortSignal; readonly onWait?: () => void },
  ): Promise<UpstreamIngest | undefined>;
}
