import { LocalError } from "../errors.ts";
import { writeFileAtomic } from "../io/atomic_file.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry, findRegularFile } from "../io/open_regular_file.ts";
import {
  type Digest,
  digestAlgorithm,
  digestHex,
  isDigest,
} from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";

/** The annotation that names an image in an index.json (OCI annotations.md). */
export const REF_NAME = "org.opencontainers.image.ref.name";

/** What whiteouts are in an unpacked layer: `.wh.` files, or as overlayfs reads them. */
export type LayerForm = "oci" | "overlay";

/** What names of unpacked layers on their way out begin with. */
export const REMOVED_LAYER_MARK = ".dray-removed-";

/** Where things are in a store. */
export interface StorePaths {
  readonly dir: string;
  readonly database: string;
  readonly indexJson: string;
  readonly ociLayout: string;
  readonly ingest: string;
}

/** The paths of the store in a folder. */
export function storePaths(dir: string): StorePaths {
  return {
    dir,
    database: `${dir}/oci.db`,
    indexJson: `${dir}/index.json`,
    ociLayout: `${dir}/oci-layout`,
    ingest: `${dir}/ingest`,
  };
}

/** The folder of committed blobs of a digest's algorithm. */
export function blobDir(dir: string, digest: Digest): string {
  mustBeDigest(digest);
  return `${dir}/blobs/${digestAlgorithm(digest)}`;
}

/** Where a committed blob is. */
export function blobPath(dir: string, digest: Digest): string {
  return `${blobDir(dir, digest)}/${digestHex(digest)}`;
}

/** Where a blob is while it is not committed. */
export function partialPath(dir: string, digest: Digest): string {
  mustBeDigest(digest);
  return `${dir}/ingest/${digestAlgorithm(digest)}-${digestHex(digest)}`;
}

/** The name of a layer's own folder: a colon is no part of a file name everywhere. */
export function layerFolderName(
  digest: Digest,
  form: LayerForm = "oci",
): string {
  mustBeDigest(digest);
  const suffix = form === "overlay" ? ".overlay" : "";
  return `${digestAlgorithm(digest)}-${digestHex(digest)}${suffix}`;
}

/** The folder of unpacked layers. */
export function layersDir(dir: string): string {
  return `${dir}/layers`;
}

/** The name of an unpacked layer that is on its way out. */
export function removedLayerName(name: string): string {
  return `${REMOVED_LAYER_MARK}${name}`;
}

/** A text that was cast to a digest could lead out of the store. */
function mustBeDigest(digest: Digest): void {
  if (!isDigest(digest)) throw new TypeError(`Not a digest: ${digest}`);
}

/** A lock that is about the whole store. */
export function lockPath(
  dir: string,
  name: "content" | "index" | "layers" | "migrate" | "repair",
): string {
  return `${dir}/ingest/${name}.lock`;
}

/** The lock of one unpacked layer. It is not beside the layers: who lists those wants nothing else. */
export function layerLockPath(dir: string, folderName: string): string {
  return `${dir}/ingest/layer-${folderName}.lock`;
}

const OCI_LAYOUT = '{"imageLayoutVersion":"1.0.0"}';

/**
 * Whether the store says that it is an OCI image layout.
 *
 * @throws LocalError `store-too-new` where it is one of another major version.
 */
export function hasOciLayout({ ociLayout }: StorePaths): boolean {
  if (findRegularFile(ociLayout) === undefined) return false;
  const text = guardLocal(
    "read",
    ociLayout,
    () => Deno.readTextFileSync(ociLayout),
  );
  const version = /"imageLayoutVersion"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  if (version === undefined || version.startsWith("1.")) {
    return version !== undefined;
  }
  throw new LocalError(
    "store-too-new",
    `Cannot open "${ociLayout}": the layout has version ${
      quoteText(version)
    }, this dray knows 1.x`,
    { hint: "use a newer dray, or another store (--store DIR)" },
  );
}

/** Whether there is anything of a store in a folder. */
export function isStoreAt(
  { dir, database, indexJson, ingest }: StorePaths,
): boolean {
  const places = [database, indexJson, `${dir}/blobs`, ingest, `${dir}/layers`];
  return places.some((path) =>
    guardLocal("open", path, () => findEntry(path)) !== undefined
  );
}

/** Has the store say so. The caller holds the lock for it. */
export function writeOciLayout(
  { ociLayout }: StorePaths,
  options: { readonly sync: boolean },
): Promise<void> {
  const text = new TextEncoder().encode(OCI_LAYOUT);
  return writeFileAtomic(ociLayout, text, options);
}
