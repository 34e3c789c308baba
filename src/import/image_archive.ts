import { unnamedReference } from "./archive_names.ts";
import { IntegrityError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import type { Store } from "../store/store.ts";
import { bringBlobs } from "./bring_blobs.ts";
import { chooseImages } from "./choose_images.ts";
import { describeImport } from "./describe_import.ts";
import { findDockerCandidates } from "./docker_candidates.ts";
import type { ImageFiles } from "./image_files.ts";
import type {
  ArchivedImage,
  ImportedImage,
  ImportOptions,
  OpenImportOptions,
} from "./import_options.ts";
import type { Candidate, LoadedImage } from "./loaded_image.ts";
import { findOciCandidates } from "./oci_candidates.ts";
import { type ImportSource, openImageFiles } from "./open_image_files.ts";
import { checkReference, recordOf } from "./record_import.ts";

const GIB = 2 ** 30;
const DEFAULT_MAX_BYTES = 128 * GIB;

/** What of the import's options is about one call of {@linkcode ImageArchive.import}. */
export type ImportChoice = Omit<ImportOptions, keyof OpenImportOptions> & {
  /** Ends it; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
};

/** An archive or folder of images that is open for import; a stream is read once. */
export class ImageArchive implements AsyncDisposable {
  /** The images that it has. */
  readonly images: readonly ArchivedImage[];
  /** How it holds them. */
  readonly format: "oci" | "docker";
  readonly #files: ImageFiles;
  readonly #store: Store;
  readonly #candidates: readonly Candidate[];

  private constructor(
    files: ImageFiles,
    store: Store,
    format: "oci" | "docker",
    candidates: readonly Candidate[],
  ) {
    this.#files = files;
    this.#store = store;
    this.#candidates = candidates;
    this.format = format;
    this.images = candidates.map(({ names, labels, digest }) => ({
      names,
      labels,
      digest,
    }));
  }

  /**
   * Opens an OCI image layout, in a folder or an archive, or a docker archive; which of them it
   * is, and how it is compressed, is told by its content. Nothing is imported yet.
   *
   * @throws IntegrityError `archive-invalid`, `path-unsafe`, `limit-exceeded`,
   * `document-invalid`, `compression-unsupported`, …
   * @throws LocalError
   */
  static async open(
    source: ImportSource,
    { store, maxBytes = DEFAULT_MAX_BYTES, signal }: OpenImportOptions,
  ): Promise<ImageArchive> {
    signal?.throwIfAborted();
    const spoolDir = store.stagingDir;
    const files = await openImageFiles(source, { spoolDir, maxBytes, signal });
    try {
      const oci = await findOciCandidates(files);
      const found = oci ?? await findDockerCandidates(files);
      if (found === undefined) throw unknownForm(files);
      if (found.length === 0) throw noImages(files);
      const format = oci === undefined ? "docker" : "oci";
      return new ImageArchive(files, store, format, found);
    } catch (error) {
      await files[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Imports images: their blobs first, each verified, then all references. Where a blob fails,
   * nothing is recorded.
   *
   * @throws UsageError `name-needed` where the archive's names are wanted and an image has none.
   * @throws NotFoundError `not-in-archive`, `platform-not-found`
   * @throws IntegrityError `digest-mismatch`, `size-mismatch`, `blob-missing`, `document-invalid`
   * @throws LocalError `disk-full`, `permission-denied`, `io`
   */
  async import(options: ImportChoice): Promise<readonly ImportedImage[]> {
    const { now = () => performance.now(), platforms = [], signal } = options;
    const startMs = now();
    const { name } = this.#files;
    const choices = chooseImages(this.#candidates, options, name);
    const chosen: { references: readonly string[]; image: LoadedImage }[] = [];
    for (const { image: candidate, references: given } of choices) {
      signal?.throwIfAborted();
      const image = await candidate.load(platforms);
      const unnamed = unnamedReference(image.root.descriptor.digest);
      const references = given.length > 0 ? given : [unnamed];
      for (const reference of references) {
        checkReference(reference, image.root.descriptor.digest);
      }
      chosen.push({ references, image });
    }
    const outcomes = await bringBlobs(
      chosen.map(({ image }) => image),
      { ...options, store: this.#store, files: this.#files },
    );
    const results: ImportedImage[] = [];
    for (const { references, image } of chosen) {
      for (const reference of references) {
        await this.#store.recordImage(recordOf(reference, image));
        const described = describeImport(reference, image, outcomes);
        results.push({ ...described, elapsedMs: Math.round(now() - startMs) });
      }
    }
    return results;
  }

  /** Closes it; what came as a stream is forgotten. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]();
  }
}

function noImages({ name }: ImageFiles): IntegrityError {
  return new IntegrityError(
    "archive-invalid",
    `Cannot import ${quoteText(name)}: there is no image in it`,
  );
}

function unknownForm({ name }: ImageFiles): IntegrityError {
  return new IntegrityError(
    "archive-invalid",
    `Cannot import ${
      quoteText(name)
    }: it is neither an OCI image layout nor an archive of docker's`,
    { hint: "it has no index.json with oci-layout, and no manifest.json" },
  );
}
