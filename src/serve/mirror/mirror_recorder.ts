import { DrayError } from "../../errors.ts";
import { type ImageConfig, parseImageConfig } from "../../spec/config.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import type { Digest } from "../../spec/digest.ts";
import type { Document, ManifestDocument } from "../../spec/manifest.ts";
import { MAX_DOCUMENT_BYTES } from "../../spec/max_document_bytes.ts";
import {
  isForeignLayerType,
  isImageConfigType,
} from "../../spec/media_type.ts";
import type { RecordedDocument } from "../../store/image_record.ts";
import type { Store } from "../../store/store.ts";
import type { FollowedImages } from "./followed_images.ts";

/** What recording needs of a store. */
export type RecordingStore = Pick<
  Store,
  "hasBlob" | "readBlobBytes" | "recordImage" | "findImage"
>;

/**
 * Records an image for each platform of what clients fetch that has come to be stored with all
 * its blobs, as a pull of that platform would.
 */
export class MirrorRecorder {
  readonly #store: RecordingStore;
  readonly #onFailure: (error: unknown) => void;
  readonly #followed: Pick<FollowedImages, "manifestsOf">;
  #recording: Promise<void> = Promise.resolve();

  /** @param onFailure Told why an image was not recorded; nobody is kept from its content. */
  constructor(
    store: RecordingStore,
    followed: Pick<FollowedImages, "manifestsOf">,
    onFailure: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#followed = followed;
    this.#onFailure = onFailure;
  }

  /** Records what has become complete; one at a time. */
  record(repository: string): Promise<void> {
    return this.#recording = this.#recording
      .then(() => this.#recordAll(repository))
      .catch(this.#onFailure);
  }

  async #recordAll(repository: string): Promise<void> {
    for (const found of this.#followed.manifestsOf(repository)) {
      const { reference, root, document, path } = found;
      if (this.#isRecorded(reference, root, document)) continue;
      if (!(await this.#isComplete(document, path))) continue;
      await this.#record(reference, document, path);
    }
  }

  #isRecorded(
    reference: string,
    root: Digest,
    { descriptor }: ManifestDocument,
  ): boolean {
    const image = this.#store.findImage(reference);
    return image?.digest === root &&
      image.platforms.some(({ manifestDigest }) =>
        manifestDigest === descriptor.digest
      );
  }

  async #isComplete(
    { descriptor, manifest }: ManifestDocument,
    path: readonly Document[],
  ): Promise<boolean> {
    const own = manifest.layers
      .filter(({ mediaType }) => !isForeignLayerType(mediaType));
    const needed = [
      ...path.map((document) => document.descriptor),
      ...[descriptor, manifest.config, ...own],
    ];
    for (const blob of needed) {
      if (!(await this.#store.hasBlob(blob))) return false;
    }
    return true;
  }

  /** @param path The indexes that lead to the manifest, the root first. */
  async #record(
    reference: string,
    document: ManifestDocument,
    path: readonly Document[],
  ): Promise<void> {
    const root = path[0] ?? document;
    await this.#store.recordImage({
      reference,
      root: root.descriptor,
      documents: [
        ...path.map((index) => ({ document: index })),
        await this.#describe(document, path.at(-1)),
      ],
    });
  }

  async #describe(
    document: ManifestDocument,
    parent: Document | undefined,
  ): Promise<RecordedDocument> {
    const descriptor = document.manifest.config;
    const platform = parent?.kind === "index"
      ? parent.index.manifests.find(({ digest }) =>
        digest === document.descriptor.digest
      )?.platform
      : undefined;
    const config = await this.#findConfig(descriptor);
    return {
      document,
      ...config === undefined ? {} : { config: { descriptor, config } },
      ...platform === undefined ? {} : { platform },
    };
  }

  async #findConfig(descriptor: Descriptor): Promise<ImageConfig | undefined> {
    if (!isImageConfigType(descriptor.mediaType)) return undefined;
    try {
      const maxBytes = MAX_DOCUMENT_BYTES;
      return parseImageConfig(
        await this.#store.readBlobBytes(descriptor, { maxBytes }),
      );
    } catch (error) {
      if (error instanceof DrayError) return undefined;
      throw error;
    }
  }
}
