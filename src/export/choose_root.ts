import { digestBytes } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import type { Document, ImageIndex, IndexDocument } from "../spec/manifest.ts";
import { isIndexType, OCI_INDEX } from "../spec/media_type.ts";
import { formatPlatform } from "../spec/platform.ts";
import type { Store } from "../store/store.ts";
import type { StoredImage } from "../store/stored_image.ts";
import { loadDocument, type LoadedManifest } from "./load_image.ts";

/** A document of an export: what its descriptor says, and the bytes. */
export interface ExportDocument {
  readonly descriptor: Pick<Descriptor, "mediaType" | "digest" | "size">;
  readonly bytes: Uint8Array;
}

/** What a reference is in an export that has manifests. */
export interface ExportRoot {
  readonly descriptor: ExportDocument["descriptor"];
  /** The indexes that lead to the manifests. */
  readonly indexes: readonly ExportDocument[];
}

/** Indexes in indexes that are followed. */
const MAX_DEPTH = 4;

/**
 * What to export an image as: its index where all that this lists is exported, too. Else one
 * manifest stands for itself, and several get an index of their own, so that other tools find
 * whatever they are led to.
 */
export async function chooseRoot(
  store: Store,
  image: StoredImage,
  manifests: readonly LoadedManifest[],
  { keepIndex }: { readonly keepIndex: boolean },
): Promise<ExportRoot> {
  const [only, ...others] = manifests;
  const root = await loadDocument(store, image, rootDescriptor(image));
  if (root.kind === "manifest") return { ...root, indexes: [] };
  const exported = new Set(
    manifests.map(({ document }) => document.descriptor.digest),
  );
  const { indexes, complete } = await walk(root, {
    exported,
    known: new Map(),
    load: async (child) =>
      await store.hasBlob(child)
        ? await loadDocument(store, image, child)
        : undefined,
  });
  if (complete || keepIndex) return { descriptor: root.descriptor, indexes };
  if (only !== undefined && others.length === 0) {
    return { descriptor: only.document.descriptor, indexes: [] };
  }
  const made = await makeIndex(root, manifests);
  return { descriptor: made.descriptor, indexes: [made] };
}

function rootDescriptor({ digest, mediaType, size }: StoredImage): Descriptor {
  return { digest, mediaType, size };
}

interface Walk {
  readonly indexes: readonly IndexDocument[];
  /** Whether all that the indexes list is exported. */
  readonly complete: boolean;
}

interface WalkOptions {
  readonly exported: ReadonlySet<Digest>;
  /** Nested indexes may list each other many times. */
  readonly known: Map<Digest, Walk>;
  /** A document, undefined where it is not stored. */
  readonly load: (child: Descriptor) => Promise<Document | undefined>;
}

async function walk(
  index: IndexDocument,
  options: WalkOptions,
  depth = 0,
): Promise<Walk> {
  const { exported, known, load } = options;
  const indexes = new Set([index]);
  let complete = true;
  for (const child of index.index.manifests) {
    if (exported.has(child.digest)) continue;
    const below = depth < MAX_DEPTH && isIndexType(child.mediaType) &&
        !known.has(child.digest)
      ? await load(child)
      : undefined;
    if (below?.kind === "index") {
      known.set(child.digest, await walk(below, options, depth + 1));
    }
    const found = known.get(child.digest);
    complete &&= found?.complete === true;
    // An index of which nothing is exported is of no use.
    if (
      found !== undefined &&
      (found.complete || leadsTo(found.indexes, exported))
    ) {
      found.indexes.forEach((each) => indexes.add(each));
    }
  }
  return { indexes: [...indexes], complete };
}

function leadsTo(
  indexes: readonly IndexDocument[],
  exported: ReadonlySet<Digest>,
): boolean {
  return indexes.some(({ index }) =>
    index.manifests.some(({ digest }) => exported.has(digest))
  );
}

/** An index of what is exported, the same each time. */
async function makeIndex(
  root: IndexDocument,
  manifests: readonly LoadedManifest[],
): Promise<ExportDocument> {
  const listed = new Map(
    root.index.manifests.map((child) => [child.digest, child]),
  );
  const entries = manifests.map(({ document, platform }) => {
    const { mediaType, digest, size } = document.descriptor;
    const { annotations, platform: named } = listed.get(digest) ?? {};
    return {
      mediaType,
      digest,
      size,
      platform: platformJson(named ?? platform),
      ...annotations === undefined ? {} : { annotations },
    };
  });
  return await jsonDocument(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: entries.toSorted((a, b) =>
      order(root.index, a.digest) - order(root.index, b.digest)
    ),
    ...root.index.annotations && { annotations: root.index.annotations },
  });
}

/** As the image's own index has them; what a nested one has comes last. */
function order({ manifests }: ImageIndex, wanted: Digest): number {
  const position = manifests.findIndex(({ digest }) => digest === wanted);
  return position < 0 ? manifests.length : position;
}

function platformJson(
  { os, architecture, variant, osVersion, osFeatures }:
    LoadedManifest["platform"],
): Record<string, unknown> {
  return {
    architecture,
    os,
    ...osVersion === undefined ? {} : { "os.version": osVersion },
    ...osFeatures === undefined ? {} : { "os.features": osFeatures },
    ...variant === undefined ? {} : { variant },
  };
}

/** A value as a document. */
export async function jsonDocument(
  mediaType: string,
  value: unknown,
): Promise<ExportDocument> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const digest = await digestBytes("sha256", bytes);
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

/** The platforms, in words. */
export function describePlatforms(
  manifests: readonly LoadedManifest[],
): readonly string[] {
  return manifests.map(({ platform }) => formatPlatform(platform));
}
