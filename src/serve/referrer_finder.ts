import { DrayError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { type Document, parseDocument } from "../spec/manifest.ts";
import { omitUndefined } from "../spec/omit_undefined.ts";
import type { StoredDocument } from "../store/store_catalog.ts";
import type { ServedDocument } from "./registry_source.ts";

/** Documents whose subject is remembered; past it they are read again. */
const MAX_REMEMBERED = 100_000;

interface Referrer {
  readonly subject: Digest;
  /** As a list of referrers shows it. */
  readonly descriptor: Descriptor;
}

/**
 * Finds what refers to a digest among documents. A document is read once: its digest names it,
 * so what it says never changes.
 */
export class ReferrerFinder {
  readonly #read: (document: StoredDocument) => Promise<ServedDocument>;
  readonly #known = new Map<Digest, Referrer | undefined>();

  /** @param read Reads a document, its digest checked. */
  constructor(read: (document: StoredDocument) => Promise<ServedDocument>) {
    this.#read = read;
  }

  /** The descriptors of the documents whose `subject` is this digest. */
  async find(
    documents: readonly StoredDocument[],
    subject: Digest,
  ): Promise<readonly Descriptor[]> {
    const found: Descriptor[] = [];
    for (const document of documents) {
      const referrer = await this.#load(document);
      if (referrer?.subject === subject) found.push(referrer.descriptor);
    }
    return found;
  }

  async #load(document: StoredDocument): Promise<Referrer | undefined> {
    const { digest } = document;
    if (this.#known.has(digest)) return this.#known.get(digest);
    const body = await this.#tryRead(document);
    if (body === undefined) return undefined;
    const referrer = referrerOf(body);
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(digest, referrer);
    return referrer;
  }

  /** One that is damaged refers to nothing; whoever asks for it is told. */
  async #tryRead(document: StoredDocument): Promise<Document | undefined> {
    try {
      const { descriptor, bytes } = await this.#read(document);
      return parseDocument(bytes, { descriptor });
    } catch (error) {
      if (error instanceof DrayError) return undefined;
      throw error;
    }
  }
}

/** As the distribution specification has it: an image's type is its config's. */
function referrerOf(document: Document): Referrer | undefined {
  const { mediaType, digest, size } = document.descriptor;
  const isIndex = document.kind === "index";
  const body = isIndex ? document.index : document.manifest;
  if (body.subject === undefined) return undefined;
  const artifactType = body.artifactType ??
    (isIndex ? undefined : document.manifest.config.mediaType);
  const { annotations } = body;
  return {
    subject: body.subject.digest,
    descriptor: {
      mediaType,
      digest,
      size,
      ...omitUndefined({ artifactType, annotations }),
    },
  };
}
