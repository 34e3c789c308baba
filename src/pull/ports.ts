import type { RetryNotice } from "../http/http_request.ts";
import type { ByteRange } from "../io/byte_range.ts";
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
  openBlob(
    repository: RepositoryName,
    descriptor: Descriptor,
    options: {
      readonly range?: ByteRange;
      readonly etag?: string;
      readonly signal?: AbortSignal;
      readonly onRetry?: (notice: RetryNotice) => void;
      readonly avoid?: ReadonlySet<string>;
    },
  ): Promise<BlobAnswer>;
}

/** Settings of a request for a document. */
export interface DocumentOptions {
  readonly signal?: AbortSignal;
  readonly onRetry?: (notice: RetryNotice) => void;
}

/** What a pull asks a registry for; a `RegistryClient` is one. */
export interface PullClient extends BlobClient {
  resolve(
    reference: ImageReference,
    options: DocumentOptions,
  ): Promise<Descriptor>;
  fetchDocument(
    reference: ImageReference,
    options: DocumentOptions & { readonly descriptor?: Descriptor },
  ): Promise<Document>;
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
  /** Ascending. */
  readonly missing: readonly ByteRange[];
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  reset(): Promise<void>;
  commit(): Promise<void>;
}

/** Where the transfer puts blobs. */
export interface BlobStore {
  /** Undefined when the blob is committed already, also while waiting for another process. */
  openIngest(
    descriptor: Descriptor,
    options: { readonly signal?: AbortSignal; readonly onWait?: () => void },
  ): Promise<BlobIngest | undefined>;
}

/** What a pull needs of a store; a `Store` is one. */
export interface PullStore extends BlobStore {
  hasBlob(blob: BlobKey): Promise<boolean>;
  readBlob(digest: Digest): Promise<ReadableStream<Uint8Array>>;
  readBlobBytes(
    blob: BlobKey,
    options: { readonly maxBytes: number },
  ): Promise<Uint8Array>;
  putBlob(descriptor: Descriptor, bytes: Uint8Array): Promise<void>;
  /** Forgets a blob that turned out to be damaged. */
  dropBlob(digest: Digest): Promise<void>;
  /** Notes that an image was used now. */
  touchImage(reference: string): boolean;
  recordImage(record: ImageRecord): Promise<void>;
  findImage(reference: string): StoredImage | undefined;
  freeBytes(): Promise<number | undefined>;
}
