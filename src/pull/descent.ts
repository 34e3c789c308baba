import { IntegrityError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import type {
  Document,
  ImageIndex,
  IndexDocument,
  ManifestDocument,
} from "../spec/manifest.ts";
import { isIndexType, isManifestType } from "../spec/media_type.ts";
import type { Platform } from "../spec/platform.ts";
import { isAttestation, selectManifest } from "../spec/select_manifest.ts";
import { loadDocument } from "./load_document.ts";
import type { PullContext } from "./pull_context.ts";

/** A manifest to pull. */
export interface ChosenManifest {
  readonly document: ManifestDocument;
  /** What its index says it runs on; undefined where no index names it. */
  readonly platform?: Platform;
}

/** Nested indexes that are followed. */
const MAX_DEPTH = 4;
/** Documents that one reference may lead to. */
const MAX_DOCUMENTS = 1000;

/** Follows a reference's document to the manifests that are wanted. */
export class Descent {
  readonly #context: PullContext;
  readonly #documents = new Map<Digest, Promise<Document>>();
  readonly #searched = new Set<Digest>();

  constructor(context: PullContext) {
    this.#context = context;
  }

  /** Each document once, however many ways lead to it. */
  async load(descriptor: Descriptor): Promise<Document> {
    const { digest } = descriptor;
    const loading = this.#documents.get(digest) ??
      loadDocument(this.#context, descriptor);
    this.#documents.set(digest, loading);
    if (this.#documents.size > MAX_DOCUMENTS) {
      throw tooDeep(
        this.#context.name,
        `it leads to more than ${MAX_DOCUMENTS} documents`,
      );
    }
    return await loading;
  }

  /**
   * The manifest for a platform; undefined when nothing fits.
   *
   * @param fruitless Indexes in which nothing fits: nested ones may list each other many times.
   */
  async find(
    parent: IndexDocument,
    platform: Platform,
    path: readonly IndexDocument[],
    fruitless = new Set<Digest>(),
  ): Promise<
    { path: readonly IndexDocument[]; manifest: ChosenManifest } | undefined
  > {
    this.#checkDepth(parent, path);
    const way = [...path, parent];
    for (const descriptor of candidates(parent.index, platform)) {
      if (fruitless.has(descriptor.digest)) continue;
      const document = await this.load(descriptor);
      if (document.kind === "manifest") {
        return { path: way, manifest: chosen(document, descriptor) };
      }
      const found = await this.find(document, platform, way, fruitless);
      if (found !== undefined) return found;
    }
    fruitless.add(parent.descriptor.digest);
    return undefined;
  }

  /** Every manifest below an index but attestations; an index is searched once. */
  async findAll(
    parent: IndexDocument,
    path: readonly IndexDocument[],
  ): Promise<{ indexes: IndexDocument[]; manifests: ChosenManifest[] }> {
    this.#checkDepth(parent, path);
    const { digest } = parent.descriptor;
    if (this.#searched.has(digest)) return { indexes: [], manifests: [] };
    this.#searched.add(digest);
    const children = parent.index.manifests.filter((descriptor) =>
      !isAttestation(descriptor) &&
      (isManifestType(descriptor.mediaType) ||
        isIndexType(descriptor.mediaType))
    );
    const below = await this.#context.work.all(
      children.map(async (descriptor) => {
        const document = await this.load(descriptor);
        if (document.kind === "index") {
          return await this.findAll(document, [...path, parent]);
        }
        return { indexes: [], manifests: [chosen(document, descriptor)] };
      }),
    );
    return {
      indexes: [parent, ...below.flatMap(({ indexes }) => indexes)],
      manifests: below.flatMap(({ manifests }) => manifests),
    };
  }

  #checkDepth(index: IndexDocument, path: readonly IndexDocument[]): void {
    const { digest } = index.descriptor;
    // A cycle would need a hash collision, but the parser of another registry may be wrong.
    if (path.some(({ descriptor }) => descriptor.digest === digest)) {
      throw tooDeep(this.#context.name, `index ${digest} holds itself`);
    }
    if (path.length > MAX_DEPTH) {
      throw tooDeep(
        this.#context.name,
        `its indexes are nested more than ${MAX_DEPTH} deep`,
      );
    }
  }
}

/** The best entry for a platform, or else nested indexes that don't say what they hold. */
function candidates(
  index: ImageIndex,
  platform: Platform,
): readonly Descriptor[] {
  const selected = selectManifest(index, platform);
  if (selected !== undefined) return [selected];
  return index.manifests.filter((descriptor) =>
    isIndexType(descriptor.mediaType) && descriptor.platform === undefined
  );
}

function chosen(
  document: ManifestDocument,
  { platform }: Descriptor,
): ChosenManifest {
  return platform === undefined ? { document } : { document, platform };
}

function tooDeep(name: string, what: string): IntegrityError {
  return new IntegrityError(
    "document-invalid",
    `Cannot pull "${name}": ${what}`,
  );
}
