import type { ByteRange } from "../io/byte_range.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";

/** Which repository a request is about. */
export interface SourceRepository {
  /** As in the path, checked for its grammar: `library/alpine`. */
  readonly name: string;
  /** The upstream registry of a mirror's `?ns=`: `docker.io`. Untrusted text. */
  readonly namespace?: string;
}

/** What a tag or a digest in a manifest's path names. */
export type ManifestKey =
  | { readonly tag: string }
  | { readonly digest: Digest };

/** A manifest or index as it is sent: the very bytes that the digest is of. */
export interface ServedDocument {
  /** What it is, with the digest of `bytes`. */
  readonly descriptor: Pick<Descriptor, "mediaType" | "digest" | "size">;
  /** As they were pushed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A blob that can be read in part. */
export interface ServedBlob {
  /** Bytes. */
  readonly size: number;
  /** Opens these bytes; the stream's consumer cancels it when the client goes. */
  open(range: ByteRange): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/** Options of every question to a {@linkcode RegistrySource}. */
export interface SourceOptions {
  /** Aborts when the client goes away, or the server stops. */
  readonly signal?: AbortSignal;
}

/**
 * What a registry serves. Each answer is undefined where the repository, or
 * what is asked for in it, is not there.
 */
export interface RegistrySource {
  /** The names of all repositories, in any order. Left out: they are not told. */
  listRepositories?(options?: SourceOptions): Promise<readonly string[]>;
  /** All tags of a repository, in any order; undefined where there is no such repository. */
  findTags(
    repository: SourceRepository,
    options?: SourceOptions,
  ): Promise<readonly string[] | undefined>;
  /** A manifest or index by tag or digest. */
  findManifest(
    repository: SourceRepository,
    key: ManifestKey,
    options?: SourceOptions,
  ): Promise<ServedDocument | undefined>;
  /** A config or layer. */
  findBlob(
    repository: SourceRepository,
    digest: Digest,
    options?: SourceOptions,
  ): Promise<ServedBlob | undefined>;
  /**
   * What refers to a digest (`subject`); undefined where there is no such repository. Left out:
   * nothing does.
   */
  findReferrers?(
    repository: SourceRepository,
    subject: Digest,
    options?: SourceOptions,
  ): Promise<readonly Descriptor[] | undefined>;
}
