import { IntegrityError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import type {
  Document,
  IndexDocument,
  ManifestDocument,
} from "../spec/manifest.ts";
import { isIndexType, isManifestType } from "../spec/media_type.ts";
import type { Platform } from "../spec/platform.ts";
import { isAttestation } from "../spec/select_manifest.ts";

/** What an image's root leads to, as far as it is there. */
export interface Followed {
  readonly root: Document;
  readonly indexes: readonly IndexDocument[];
  /** Each once, attestations left out. */
  readonly manifests: readonly {
    readonly document: ManifestDocument;
    readonly platform?: Platform | undefined;
  }[];
}

/** Nested indexes that are followed, as in a pull. */
const MAX_DEPTH = 4;
/** Documents that one image may lead to. */
const MAX_DOCUMENTS = 1000;

/** Follows the indexes of an image layout; each document is read once. */
export class LayoutDescent {
  readonly #find: (descriptor: Descriptor) => Promise<Document | undefined>;
  readonly #indexes = new Map<Digest, IndexDocument>();
  readonly #manifests = new Map<Digest, Followed["manifests"][number]>();

  /** @param find A document, verified; undefined where it is not there. */
  constructor(find: (descriptor: Descriptor) => Promise<Document | undefined>) {
    this.#find = find;
  }

  /** All that is there below a root. */
  async follow(descriptor: Descriptor): Promise<Followed | undefined> {
    const root = await this.#follow(descriptor, 0);
    if (root === undefined) return undefined;
    return {
      root,
      indexes: [...this.#indexes.values()],
      manifests: [...this.#manifests.values()],
    };
  }

  async #follow(
    descriptor: Descriptor,
    depth: number,
  ): Promise<Document | undefined> {
    const { digest, platform } = descriptor;
    if (this.#indexes.has(digest) || this.#manifests.has(digest)) {
      return undefined;
    }
    if (depth > MAX_DEPTH) {
      throw tooMuch(`its indexes are nested more than ${MAX_DEPTH} deep`);
    }
    const document = await this.#find(descriptor);
    if (document === undefined) return undefined;
    if (this.#indexes.size + this.#manifests.size >= MAX_DOCUMENTS) {
      throw tooMuch(`it leads to more than ${MAX_DOCUMENTS} documents`);
    }
    if (document.kind === "manifest") {
      this.#manifests.set(digest, { document, platform });
      return document;
    }
    this.#indexes.set(digest, document);
    for (const child of document.index.manifests) {
      if (isImage(child)) await this.#follow(child, depth + 1);
    }
    return document;
  }
}

function isImage(child: Descriptor): boolean {
  return !isAttestation(child) &&
    (isManifestType(child.mediaType) || isIndexType(child.mediaType));
}

function tooMuch(what: string): IntegrityError {
  return new IntegrityError(
    "document-invalid",
    `Cannot import the image: ${what}`,
  );
}
