import type { DrayEvent } from "../events.ts";
import type { RetryNotice } from "../http/http_request.ts";
import type { ByteRange } from "../io/byte_range.ts";
import type { GrowingFile } from "../io/growing_file.ts";
import type { BlobAnswer } from "../registry/blob_answer.ts";
import type { RepositoryName } from "../registry/repository_name.ts";
import type { BlobKey } from "../store/blob_files.ts";
import type { ImageRecord } from "../store/image_record.ts";
import type { StoredImage } from "../store/stored_image.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import type { Document } from "../spec/manifest.ts";
import type { ImageReference } from "../spec/reference.ts";

/** What the transfer asks a registry for. */
export interface BlobClient {
  /** Asks for a blob, or for a range of it; the answer's body is not verified. */
  openBlob(
    repository: RepositoryName,
    descriptor: Descriptor,
    options: DocumentOptions & {
      /** Bytes wanted. Default: all. */
      readonly range?: ByteRange;
      /** Of an earlier answer: content that changed since is answered whole. */
      readonly etag?: string;
      /** Hosts to pass over as long as there is another. */
      readonly avoid?: ReadonlySet<string>;
    },
  ): Promise<BlobAnswer>;
}

/** Settings of a request for a document. */
export interface DocumentOptions {
  /** Ends the request; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Told of each wait before another attempt. */
  readonly onRetry?: (notice: RetryNotice) => void;
}

/** What a pull asks a registry for; a `RegistryClient` is one. */
export interface PullClient extends BlobClient {
  /** Finds what a reference points to. */
  resolve(
    reference: ImageReference,
    options: DocumentOptions,
  ): Promise<Descriptor>;
  /** Fetches a manifest or index, verified. */
  fetchDocument(
    reference: ImageReference,
    options: DocumentOptions & { readonly descriptor?: Descriptor },
  ): Promise<Document>;
  /** Fetches a config as it is, verified. */
  fetchConfigBytes(
    repository: RepositoryName,
    descriptor: Descriptor,
    options: DocumentOptions,
  ): Promise<Uint8Array>;
}

/** A blob that is being written; disposing without commit keeps what is there. */
export interface BlobIngest extends AsyncDisposable {
  /** Bytes that an earlier run left. */
  readonly kept: number;
  /** The file that the bytes are in, where others may read along. */
  readonly path?: string;
  /** Bytes that are there from the start on, without a gap. */
  readonly prefixBytes?: number;
  /** What is not here yet, ascending. */
  readonly missing: readonly ByteRange[];
  /** Takes bytes, from several callers at once; the buffer may be reused once this resolves. */
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  /** Forgets all bytes. */
  reset(): Promise<void>;
  /** Checks size and digest, and admits the blob. */
  commit(): Promise<void>;
}

/** Where the transfer puts blobs. */
export interface BlobStore {
  /** How many bytes earlier runs left of blobs; those of which nothing is there are left out. */
  keptBytes(blobs: readonly Descriptor[]): ReadonlyMap<Digest, number>;
  /** Undefined when the blob is committed already, also while waiting for another process. */
  openIngest(
    descriptor: Descriptor,
    options: { readonly signal?: AbortSignal; readonly onWait?: () => void },
  ): Promise<BlobIngest | undefined>;
}

/** A layer to unpack. */
export interface LayerToUnpack {
  /** Of the layer as it is transferred. */
  readonly digest: Digest;
  /** In bytes, compressed. */
  readonly size: number;
  /** Of the uncompressed layer, as the image's config has it. */
  readonly diffId: Digest;
}

/** Where a layer was unpacked to. */
export interface UnpackedFolder {
  /** A folder of its own. */
  readonly path: string;
}

/** Unpacks layers while they come; a `StoreUnpacker` is one. */
export interface LayerUnpacker {
  /**
   * Unpacks a layer. When this settles, nothing of it goes on any more.
   *
   * @param file The blob, which may still be on its way.
   */
  unpackLayer(
    layer: LayerToUnpack,
    file: GrowingFile,
    options: {
      readonly signal: AbortSignal;
      readonly onEvent: (event: DrayEvent) => void;
    },
  ): Promise<UnpackedFolder>;
}

/** What a pull needs of a store; a `Store` is one. */
export interface PullStore extends BlobStore {
  /** Where it is, for messages. Default: they don't say. */
  readonly dir?: string;
  /** Whether a blob is committed, with the size given if one is. */
  hasBlob(blob: BlobKey): Promise<boolean>;
  /** Which of some blobs are committed, likewise. */
  findBlobs(blobs: readonly BlobKey[]): ReadonlySet<Digest>;
  /** A committed blob as a stream. */
  readBlob(digest: Digest): Promise<ReadableStream<Uint8Array>>;
  /** A committed blob whole, its digest checked. */
  readBlobBytes(
    blob: BlobKey,
    options: { readonly maxBytes: number },
  ): Promise<Uint8Array>;
  /** Takes a small blob, its digest checked. */
  putBlob(descriptor: Descriptor, bytes: Uint8Array): Promise<void>;
  /** Forgets a blob that turned out to be damaged. */
  dropBlob(digest: Digest): Promise<void>;
  /** Notes that an image was used now. */
  touchImage(reference: string): boolean;
  /** Records an image whose blobs are all committed. */
  recordImage(record: ImageRecord): Promise<void>;
  /** The image of a canonical reference. */
  findImage(reference: string): StoredImage | undefined;
  /** Loads what a download needs, or also what a larger one does. */
  warmUp(options?: { readonly isLarge?: boolean }): void;
  /** Its disk. */
  readonly space: {
    /** Whether a few bytes certainly have room; false where only `freeBytes` can tell. */
    hasRoomFor(bytes: number): boolean;
    /** Bytes that may still be written; undefined where that cannot be learnt. */
    freeBytes(): Promise<number | undefined>;
    /** Bytes that are not free, since they are set aside for what some blobs still lack. */
    reservedBytes(digests: ReadonlySet<Digest>): number;
  };
}
