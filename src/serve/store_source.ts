import { NotFoundError } from "../errors.ts";
import type { ByteRange } from "../io/byte_range.ts";
import { openRegularFile } from "../io/open_regular_file.ts";
import type { Digest } from "../spec/digest.ts";
import { MAX_DOCUMENT_BYTES } from "../spec/max_document_bytes.ts";
import type { BlobKey } from "../store/blob_files.ts";
import type { Store } from "../store/store.ts";
import type { StoredDocument } from "../store/store_catalog.ts";
import { findRepository } from "./find_repository.ts";
import { ReferrerFinder } from "./referrer_finder.ts";
import type {
  ManifestKey,
  RegistrySource,
  ServedBlob,
  ServedDocument,
  SourceRepository,
} from "./registry_source.ts";
import { damagedBlob, SoundBlobs } from "./sound_blobs.ts";
import { streamFile } from "./stream_file.ts";

/** What serving needs of a store; a `Store` is one. */
export type ServedStore = Pick<
  Store,
  "catalog" | "findImage" | "hasBlob" | "blobPath" | "readBlobBytes"
>;

/** A source of what is in a store; disposing ends what it checks in the background. */
export interface StoreSource extends Required<RegistrySource>, Disposable {
  /** A committed blob, whichever images need it. */
  blobOf(blob: Required<BlobKey>): ServedBlob;
}

type ServedStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/**
 * Makes a source of the images in a store. Content is had from the repositories whose images
 * need it, and from no other: who may see one repository is told nothing of the rest.
 */
export function createStoreSource(store: ServedStore): StoreSource {
  const { catalog } = store;
  const sound = new SoundBlobs();
  const referrers = new ReferrerFinder((document) => read(store, document));
  const find = (repository: SourceRepository): string | undefined =>
    findRepository(catalog, repository);
  return {
    listRepositories: () =>
      Promise.resolve(catalog.repositories().map(servedName(store))),
    findTags: (repository) =>
      Promise.try(() => listTags(store, find(repository))),
    findManifest: async (repository, key) => {
      const found = findDocument(store, find(repository), key);
      return found && await read(store, found);
    },
    findBlob: async (repository, digest) =>
      await findBlob(store, sound, find(repository), digest),
    findReferrers: async (repository, subject) => {
      const name = find(repository);
      if (name === undefined) return undefined;
      return await referrers.find(catalog.documents(name), subject);
    },
    blobOf: (blob) => blobOf(store, sound, blob),
    [Symbol.dispose]: () => sound[Symbol.dispose](),
  };
}

/** With its registry, or, where that has a port and so fits into no path, without. */
function servedName({ catalog }: ServedStore): (name: string) => string {
  return (name) => {
    const path = name.slice(name.indexOf("/") + 1);
    const isOnly = catalog.repositoriesNamed(path).length === 1;
    return isOnly && name.includes(":") ? path : name;
  };
}

function listTags(
  { catalog }: ServedStore,
  name: string | undefined,
): readonly string[] | undefined {
  if (name === undefined) return undefined;
  return catalog.references(name)
    .filter((reference) => !reference.includes("@"))
    .map((reference) => reference.slice(name.length + 1));
}

function findDocument(
  store: ServedStore,
  name: string | undefined,
  key: ManifestKey,
): StoredDocument | undefined {
  if (name === undefined) return undefined;
  if ("digest" in key) return store.catalog.findDocument(name, key.digest);
  return store.findImage(`${name}:${key.tag}`);
}

async function read(
  store: ServedStore,
  { mediaType, digest, size }: StoredDocument,
): Promise<ServedDocument> {
  const maxBytes = MAX_DOCUMENT_BYTES;
  const bytes = await store.readBlobBytes({ digest, size }, { maxBytes });
  return { descriptor: { mediaType, digest, size }, bytes };
}

async function findBlob(
  store: ServedStore,
  sound: SoundBlobs,
  name: string | undefined,
  digest: Digest,
): Promise<ServedBlob | undefined> {
  if (name === undefined) return undefined;
  const size = store.catalog.findBlobSize(name, digest);
  if (size === undefined) return undefined;
  // A layer that may not be distributed need not be here.
  if (!(await store.hasBlob({ digest }))) return undefined;
  return blobOf(store, sound, { digest, size });
}

function blobOf(
  store: ServedStore,
  sound: SoundBlobs,
  blob: Required<BlobKey>,
): ServedBlob {
  const open = (range: ByteRange): ServedStream =>
    openBlob(store, sound, blob, range);
  return { size: blob.size, open: (range) => Promise.try(open, range) };
}

function openBlob(
  store: ServedStore,
  sound: SoundBlobs,
  { digest, size }: Required<BlobKey>,
  range: ByteRange,
): ServedStream {
  const path = store.blobPath(digest);
  const file = openRegularFile(path);
  if (file === undefined) throw goneBlob(digest);
  try {
    const info = file.statSync();
    if (info.size !== size) {
      throw damagedBlob(digest, `it has ${info.size} bytes, not ${size}`);
    }
    return streamFile(file, range, {
      verdict: sound.check(digest, path, info),
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Pruned a moment ago. */
function goneBlob(digest: Digest): NotFoundError {
  return new NotFoundError(
    "not-in-store",
    `Cannot serve blob "${digest}": it is not in the store`,
  );
}
