import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import {
  type BlobKey,
  findBlobFiles,
  hasBlobFile,
  openBlobFile,
  readBlobFile,
} from "./blob_files.ts";
import type { FileBlobs, OpenIngestOptions } from "./file_blobs.ts";
import type { Ingest } from "./ingest.ts";

/** The blobs of a store; what writes them is loaded where one gets in. */
export class StoreBlobs implements AsyncDisposable {
  readonly #dir: string;
  readonly #sync: boolean;
  /** A pull that finds all here needs none of it. */
  #files: Promise<FileBlobs> | undefined;

  constructor(dir: string, { sync }: { readonly sync: boolean }) {
    this.#dir = dir;
    this.#sync = sync;
  }

  /** See `Store.hasBlob`. */
  has(descriptor: BlobKey): boolean {
    return hasBlobFile(this.#dir, descriptor);
  }

  /** See `Store.findBlobs`. */
  find(descriptors: readonly BlobKey[]): ReadonlySet<Digest> {
    return findBlobFiles(this.#dir, descriptors);
  }

  /** See `Store.readBlob`. */
  read(digest: Digest): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return Promise.try(() => openBlobFile(this.#dir, digest).readable);
  }

  /** See `Store.readBlobBytes`. */
  readBytes(
    descriptor: BlobKey,
    options: { readonly maxBytes: number },
  ): Promise<Uint8Array<ArrayBuffer>> {
    return readBlobFile(this.#dir, descriptor, options);
  }

  /** See `Store.openIngest`. */
  async openIngest(
    descriptor: Pick<Descriptor, "digest" | "size">,
    options: OpenIngestOptions,
  ): Promise<Ingest | undefined> {
    return await (await this.#open()).openIngest(descriptor, options);
  }

  /** See `Store.putBlob`. */
  async put(
    descriptor: Pick<Descriptor, "digest" | "size">,
    bytes: Uint8Array,
  ): Promise<void> {
    await (await this.#open()).put(descriptor, bytes);
  }

  /** See `Store.dropBlob`. */
  async drop(digest: Digest): Promise<void> {
    (await this.#open()).drop(digest);
  }

  /** Loads what writes blobs, ahead of the first. */
  warmUp(): void {
    // Whoever writes is told of a failure.
    this.#open().catch(() => {});
  }

  /** Makes the names of committed blobs safe from a power loss. */
  async syncNames(): Promise<void> {
    await (await this.#files)?.syncNames();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#files)?.[Symbol.asyncDispose]();
  }

  #open(): Promise<FileBlobs> {
    this.#files ??= import("./file_blobs.ts").then(({ FileBlobs }) =>
      new FileBlobs(this.#dir, { sync: this.#sync })
    );
    return this.#files;
  }
}
