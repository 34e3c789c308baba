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

/** What recording needs of a store. */
export type RecordingStore = Pick<
  Store,
  "hasBlob" | "readBlobBytes" | "recordImage" | "findImage"
>;

/** What clients asked for in one repository. */
interface Followed {
  /** What each reference led to when it was last asked for. */
  readonly roots: Map<string, Digest>;
  readonly documents: Map<Digest, Document>;
}

/** Memory for what is remembered; past it the repository that was asked for longest ago is forgotten. */
const MAX_REMEMBERED_BYTES = 64 * 2 ** 20;
/** What a document takes besides its bytes; a reference is reckoned the same. */
const ENTRY_BYTES = 16 * 2 ** 10;
/** Longest way from a reference to a manifest. */
const MAX_DEPTH = 4;

/**
 * Follows what clients fetch, and records an image for each platform that has come to be stored
 * with all its blobs, as a pull of that platform would.
 */
export class MirrorImages {
  readonly #store: RecordingStore;
  readonly #onFailure: (error: unknown) => void;
  readonly #followed = new Map<string, Followed>();
  #recording: Promise<void> = Promise.resolve();

  /** @param onFailure Told why an image was not recorded; nobody is kept from its content. */
  constructor(store: RecordingStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /** A reference led to this document. */
  addRoot(repository: string, reference: string, document: Document): void {
    const { roots, documents } = this.#follow(repository);
    roots.set(reference, document.descriptor.digest);
    documents.set(document.descriptor.digest, document);
  }

  /** A document was asked for by digest: below a known one, or by itself. */
  add(repository: string, document: Document): void {
    const { digest } = document.descriptor;
    const { roots, documents } = this.#follow(repository);
    documents.set(digest, document);
    const isKnown = roots.values().some((root) => root === digest) ||
      documents.values().some((parent) => lists(parent, digest));
    if (!isKnown) roots.set(`${repository}@${digest}`, digest);
  }

  /** What a reference led to. */
  findRoot(repository: string, reference: string): Document | undefined {
    const followed = this.#followed.get(repository);
    const digest = followed?.roots.get(reference);
    return digest === undefined ? undefined : followed?.documents.get(digest);
  }

  /** A document that was fetched. */
  find(repository: string, digest: Digest): Document | undefined {
    return this.#followed.get(repository)?.documents.get(digest);
  }

  /** What the fetched manifests of a repository say about a blob. */
  findBlob(repository: string, digest: Digest): Descriptor | undefined {
    const documents = this.#followed.get(repository)?.documents.values() ?? [];
    for (const document of documents) {
      if (document.kind === "index") continue;
      const { config, layers } = document.manifest;
      const found = [config, ...layers].find((blob) => blob.digest === digest);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Records what has become complete; one at a time. */
  record(repository: string): Promise<void> {
    return this.#recording = this.#recording
      .then(() => this.#recordAll(repository))
      .catch(this.#onFailure);
  }

  #follow(repository: string): Followed {
    const known = this.#followed.get(repository);
    this.#followed.delete(repository);
    let bytes = known === undefined ? 0 : bytesOf(known);
    const followed = known === undefined || bytes >= MAX_REMEMBERED_BYTES
      ? { roots: new Map(), documents: new Map() }
      : known;
    for (const other of this.#followed.values()) bytes += bytesOf(other);
    for (const [name, oldest] of this.#followed) {
      if (bytes < MAX_REMEMBERED_BYTES) break;
      this.#followed.delete(name);
      bytes -= bytesOf(oldest);
    }
    // Asked for last: forgotten last.
    this.#followed.set(repository, followed);
    return followed;
  }

  async #recordAll(repository: string): Promise<void> {
    const followed = this.#followed.get(repository);
    if (followed === undefined) return;
    const { roots, documents } = followed;
    for (const [reference, root] of roots) {
      for (const { document, path } of manifestsBelow(documents, root)) {
        if (this.#isRecorded(reference, root, document)) continue;
        if (!(await this.#isComplete(document, path))) continue;
        await this.#record(reference, document, path);
      }
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

function lists(document: Document, digest: Digest): boolean {
  return document.kind === "index" &&
    document.index.manifests.some((child) => child.digest === digest);
}

function bytesOf({ roots, documents }: Followed): number {
  let bytes = (roots.size + documents.size) * ENTRY_BYTES;
  for (const document of documents.values()) bytes += document.bytes.length;
  return bytes;
}

interface Found {
  readonly document: ManifestDocument;
  /** The indexes that lead to it, the root first; none where it is the root. */
  readonly path: readonly Document[];
}

/** The known manifests below a root, each once, however often indexes list each other. */
function* manifestsBelow(
  documents: ReadonlyMap<Digest, Document>,
  digest: Digest,
  path: readonly Document[] = [],
  seen = new Set<Digest>(),
): Generator<Found> {
  const document = documents.get(digest);
  if (document === undefined || seen.has(digest)) return;
  seen.add(digest);
  if (document.kind === "manifest") return yield { document, path };
  if (path.length >= MAX_DEPTH) return;
  for (const child of document.index.manifests) {
    yield* manifestsBelow(documents, child.digest, [...path, document], seen);
  }
}
