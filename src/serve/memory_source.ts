import type { ByteRange } from "../io/byte_range.ts";
import type {
  ManifestKey,
  RegistrySource,
  ServedBlob,
  ServedDocument,
} from "./registry_source.ts";

/** One image, or one index with its images, all in memory. */
export interface MemoryImage {
  /** What tags point at. */
  readonly root: ServedDocument;
  /** The root, and every document below it. */
  readonly documents: readonly ServedDocument[];
  /** Configs and layers. */
  readonly blobs: readonly ServedDocument[];
}

/** Where an image stands in a {@linkcode createMemorySource}. */
export interface MemoryEntry {
  /** Its path: `library/alpine`. */
  readonly repository: string;
  /** May be none: the image is then had by digest. */
  readonly tags: readonly string[];
  /** What is served there. */
  readonly image: MemoryImage;
}

interface MemoryRepository {
  readonly tags: Map<string, ServedDocument>;
  readonly documents: Map<string, ServedDocument>;
  readonly blobs: Map<string, ServedBlob>;
}

const PIECE_BYTES = 64 * 1024;

/** Makes a source of images in memory. The same tag again points at the later image. */
export function createMemorySource(
  entries: readonly MemoryEntry[],
): RegistrySource {
  const repositories = new Map<string, MemoryRepository>();
  for (const { repository, tags, image } of entries) {
    const held: MemoryRepository = repositories.get(repository) ??
      { tags: new Map(), documents: new Map(), blobs: new Map() };
    repositories.set(repository, held);
    for (const tag of tags) held.tags.set(tag, image.root);
    for (const document of image.documents) {
      held.documents.set(document.descriptor.digest, document);
    }
    for (const { descriptor, bytes } of image.blobs) {
      held.blobs.set(descriptor.digest, memoryBlob(bytes));
    }
  }
  return {
    findTags({ name }) {
      const held = repositories.get(name);
      return Promise.resolve(held === undefined ? held : [...held.tags.keys()]);
    },
    findManifest({ name }, key) {
      return Promise.resolve(findDocument(repositories.get(name), key));
    },
    findBlob({ name }, digest) {
      return Promise.resolve(repositories.get(name)?.blobs.get(digest));
    },
  };
}

function findDocument(
  repository: MemoryRepository | undefined,
  key: ManifestKey,
): ServedDocument | undefined {
  return "tag" in key
    ? repository?.tags.get(key.tag)
    : repository?.documents.get(key.digest);
}

function memoryBlob(bytes: Uint8Array<ArrayBuffer>): ServedBlob {
  return {
    size: bytes.length,
    open: (range) => Promise.resolve(streamBytes(bytes, range)),
  };
}

/** In pieces, so that a client that goes away early costs no more than it took. */
function streamBytes(
  bytes: Uint8Array<ArrayBuffer>,
  range: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = range.start;
  return new ReadableStream({
    pull(controller) {
      const end = Math.min(at + PIECE_BYTES, range.end);
      // A copy: the consumer may transfer the buffer of what it is given.
      if (end > at) controller.enqueue(bytes.slice(at, end));
      at = end;
      if (at >= range.end) controller.close();
    },
  });
}
