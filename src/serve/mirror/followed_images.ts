import type { Descriptor } from "../../spec/descriptor.ts";
import type { Digest } from "../../spec/digest.ts";
import type { Document, ManifestDocument } from "../../spec/manifest.ts";

/** What clients asked for in one repository. */
interface Followed {
  /** What each reference led to when it was last asked for. */
  readonly roots: Map<string, Digest>;
  readonly documents: Map<Digest, Document>;
}

/** A manifest that a reference leads to, as far as documents were asked for. */
export interface FollowedManifest {
  readonly reference: string;
  /** What the reference led to. */
  readonly root: Digest;
  readonly document: ManifestDocument;
  /** The indexes that lead to it, the root first; none where it is the root. */
  readonly path: readonly Document[];
}

/** Memory for what is remembered; past it the repository that was asked for longest ago is forgotten. */
const MAX_REMEMBERED_BYTES = 64 * 2 ** 20;
/** What a document takes besides its bytes; a reference is reckoned the same. */
const ENTRY_BYTES = 16 * 2 ** 10;
/** Longest way from a reference to a manifest. */
const MAX_DEPTH = 4;

/** Remembers what clients asked for, and so which references lead to which blobs. */
export class FollowedImages {
  readonly #followed = new Map<string, Followed>();

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

  /** The manifests that the references of a repository lead to. */
  *manifestsOf(repository: string): Generator<FollowedManifest> {
    const followed = this.#followed.get(repository);
    if (followed === undefined) return;
    const { roots, documents } = followed;
    for (const [reference, root] of roots) {
      for (const found of manifestsBelow(documents, root)) {
        yield { reference, root, ...found };
      }
    }
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

/** The known manifests below a root, each once, however often indexes list each other. */
function* manifestsBelow(
  documents: ReadonlyMap<Digest, Document>,
  digest: Digest,
  path: readonly Document[] = [],
  seen = new Set<Digest>(),
): Generator<Pick<FollowedManifest, "document" | "path">> {
  const document = documents.get(digest);
  if (document === undefined || seen.has(digest)) return;
  seen.add(digest);
  if (document.kind === "manifest") return yield { document, path };
  if (path.length >= MAX_DEPTH) return;
  for (const child of document.index.manifests) {
    yield* manifestsBelow(documents, child.digest, [...path, document], seen);
  }
}
