import type { Descriptor } from "../spec/descriptor.ts";
import { type Digest, digestAlgorithm, digestHex } from "../spec/digest.ts";
import { isForeignLayerType } from "../spec/media_type.ts";
import { REF_NAME } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import type { ExportRoot } from "./choose_root.ts";
import type { ExportEntry } from "./export_entry.ts";
import { addRoots } from "./layout_index.ts";
import type { LoadedManifest } from "./load_image.ts";

/** An image on its way into an OCI layout. */
export interface OciImage {
  readonly reference: string;
  readonly root: ExportRoot;
  readonly manifests: readonly LoadedManifest[];
}

/** A root by name, as an index.json has it. */
export interface NamedRoot {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The file that makes a folder an OCI image layout (image-layout.md). */
export const OCI_LAYOUT_TEXT = '{"imageLayoutVersion":"1.0.0"}';
/** What containerd, and so docker, calls an image by. */
const CONTAINERD_NAME = "io.containerd.image.name";

/**
 * The files of an OCI image layout, what names the others first, so that a reader of a stream
 * knows what is to come.
 */
export async function ociEntries(
  store: Store,
  images: readonly OciImage[],
): Promise<readonly ExportEntry[]> {
  const encoder = new TextEncoder();
  const roots = images.map(namedRoot);
  return [
    {
      kind: "bytes",
      path: "oci-layout",
      bytes: encoder.encode(OCI_LAYOUT_TEXT),
    },
    {
      kind: "bytes",
      path: "index.json",
      bytes: encoder.encode(addRoots(undefined, roots)),
    },
    ...await blobEntries(store, images),
  ];
}

/** The folders and blobs alone. */
export async function blobEntries(
  store: Store,
  images: readonly OciImage[],
): Promise<readonly ExportEntry[]> {
  const documents = images.flatMap(({ root, manifests }) => [
    ...root.indexes,
    ...manifests.map(({ document }) => document),
  ]);
  const blobs = images.flatMap(({ manifests }) =>
    manifests.flatMap(({ document: { manifest } }) => [
      manifest.config,
      ...manifest.layers,
    ])
  );
  const files = new Map<Digest, ExportEntry>();
  for (const { descriptor: { digest }, bytes } of documents) {
    files.set(digest, { kind: "bytes", path: blobName(digest), bytes });
  }
  for (const blob of blobs) {
    if (files.has(blob.digest) || await isElsewhere(store, blob)) continue;
    const path = blobName(blob.digest);
    files.set(blob.digest, { kind: "blob", path, blob });
  }
  const algorithms = new Set([...files.keys()].map(digestAlgorithm));
  return [
    { kind: "folder", path: "blobs" },
    ...[...algorithms].toSorted().map((name) =>
      ({ kind: "folder", path: `blobs/${name}` }) as const
    ),
    ...files.values(),
  ];
}

/** Where a layout has a blob. */
function blobName(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}

/** How an index.json names an image. */
export function namedRoot({ reference, root }: OciImage): NamedRoot {
  const { mediaType, digest, size } = root.descriptor;
  const annotations = { [CONTAINERD_NAME]: reference, [REF_NAME]: reference };
  return { mediaType, digest, size, annotations };
}

/** A layer that may not be distributed stays where it is, unless it is here. */
async function isElsewhere(store: Store, blob: Descriptor): Promise<boolean> {
  return isForeignLayerType(blob.mediaType) && !await store.hasBlob(blob);
}
