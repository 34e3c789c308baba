import { LocalError } from "../errors.ts";
import { replaceFileSync } from "../io/atomic_file.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry, findRegularFile, kindOf } from "../io/open_regular_file.ts";
import {
  type Digest,
  digestAlgorithm,
  digestHex,
  isDigest,
} from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";

/** The annotation that names an image in an index.json (OCI annotations.md). */
export const REF_NAME = "org.opencontainers.image.ref.name";

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

/** A text that was cast to a digest could lead out of the store. */
function mustBeDigest(digest: Digest): void {
  if (!isDigest(digest)) throw new TypeError(`Not a digest: ${digest}`);
}

/** A lock that is about the whole store. */
export function lockPath(
  dir: string,
  name: "content" | "index" | "migrate" | "repair",
): string {
  return `${dir}/ingest/${name}.lock`;
}

/** Only the owner may enter: what registries serve may be secret. */
const PRIVATE = 0o700;
const OCI_LAYOUT = '{"imageLayoutVersion":"1.0.0"}';

/**
 * Makes the folders of a store, or checks those that are there: a link in the place of a folder
 * or file would lead out of the store, so it is refused.
 *
 * @throws LocalError `permission-denied`, `disk-full`, or `store-damaged` for a planted link.
 */
export function prepareLayout(paths: StorePaths): void {
  ensureRoot(paths.dir);
  ensureFolder(`${paths.dir}/blobs`);
  ensureFolder(`${paths.dir}/blobs/sha256`);
  ensureFolder(`${paths.dir}/blobs/sha512`);
  ensureFolder(paths.ingest);
  // SQLite follows links.
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    findRegularFile(paths.database + suffix);
  }
  findRegularFile(paths.indexJson);
  findRegularFile(paths.ociLayout);
}

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

/** Has the store say so. The caller holds the lock for it. */
export function writeOciLayout({ ociLayout }: StorePaths): void {
  replaceFileSync(ociLayout, new TextEncoder().encode(OCI_LAYOUT));
}

/** The store's own folder may be a link: the user named it. */
function ensureRoot(dir: string): void {
  guardLocal("create", dir, () => {
    if (findEntry(dir) === undefined) {
      Deno.mkdirSync(dir, { recursive: true, mode: PRIVATE });
    }
    if (!Deno.statSync(dir).isDirectory) throw notFolder(dir, "a file");
  });
}

function ensureFolder(path: string): void {
  guardLocal("create", path, () => {
    const info = findEntry(path);
    if (info === undefined) {
      Deno.mkdirSync(path, { recursive: true, mode: PRIVATE });
    } else if (!info.isDirectory) throw notFolder(path, kindOf(info));
  });
}

function notFolder(path: string, kind: string): LocalError {
  return new LocalError(
    "store-damaged",
    `Cannot use "${path}": it is ${kind}, not a folder`,
    {
      hint: "remove it, or use another store (--store DIR)",
      details: { path },
    },
  );
}
