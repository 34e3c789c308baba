import { IntegrityError } from "../errors.ts";
import type { ImageConfig } from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import type {
  Document,
  IndexDocument,
  ManifestDocument,
} from "../spec/manifest.ts";
import type { Platform } from "../spec/platform.ts";
import type { ImageFile } from "./image_files.ts";
import type { ArchivedImage } from "./import_options.ts";

/** One platform of an image, its documents checked. */
export interface LoadedManifest {
  readonly document: ManifestDocument;
  /** What its index says it runs on. */
  readonly platform?: Platform | undefined;
  /** Undefined for an artifact. */
  readonly config?: ImageConfig | undefined;
}

/** An image that can be imported: documents are checked, blobs are still to be. */
export interface LoadedImage {
  readonly root: Document;
  /** The root first, if it is one. */
  readonly indexes: readonly IndexDocument[];
  readonly manifests: readonly LoadedManifest[];
  readonly blobs: BlobSources;
}

/** An image of an archive, and how to read it. */
export interface Candidate extends ArchivedImage {
  load(platforms: readonly Platform[]): Promise<LoadedImage>;
}

/** A blob and where its bytes are. */
export interface BlobSource {
  readonly blob: Pick<Descriptor, "digest" | "size">;
  readonly file: ImageFile;
}

/** The blobs of an image, each once. */
export class BlobSources implements Iterable<BlobSource> {
  readonly #byDigest = new Map<Digest, BlobSource>();

  /** @throws IntegrityError `size-mismatch` where a digest has two sizes. */
  add({ digest, size }: BlobSource["blob"], file: ImageFile): void {
    const known = this.#byDigest.get(digest);
    if (known === undefined) {
      this.#byDigest.set(digest, { blob: { digest, size }, file });
    } else if (known.blob.size !== size) {
      throw new IntegrityError(
        "size-mismatch",
        `Cannot import blob "${digest}": one descriptor says ${known.blob.size} bytes, another ${size}`,
        { details: { digest, expected: known.blob.size, actual: size } },
      );
    }
  }

  [Symbol.iterator](): Iterator<BlobSource> {
    return this.#byDigest.values();
  }
}
