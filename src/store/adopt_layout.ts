import { DrayError, LocalError } from "../errors.ts";
import { guardLocal, localCall } from "../io/local_error.ts";
import { nextTurn } from "../io/next_turn.ts";
import { findEntry } from "../io/open_regular_file.ts";
import { type ImageConfig, parseImageConfig } from "../spec/config.ts";
import { type Descriptor, parseDescriptor } from "../spec/descriptor.ts";
import { quoteText } from "../spec/escape_text.ts";
import { type Document, parseDocument } from "../spec/manifest.ts";
import { MAX_DOCUMENT_BYTES } from "../spec/max_document_bytes.ts";
import { formatReference, parseReference } from "../spec/reference.ts";
import { hasBlobFile, readBlobFile } from "./blob_files.ts";
import type { Database } from "./database.ts";
import type { ImageRecord, RecordedDocument } from "./image_record.ts";
import { blobPath, REF_NAME, type StorePaths } from "./layout.ts";
import { MAX_INDEX_JSON_BYTES } from "./index_json_check.ts";
import { findImageRow } from "./image_table.ts";
import { hasRequiredBlobs, recordImageRows } from "./record_image.ts";

/** What {@linkcode adoptLayout} needs to know. */
export interface AdoptOptions {
  /** RFC 3339, for images whose blobs don't say when they came. */
  readonly pulledAt: string;
  /** Ends it; what was recorded by then stays, and the next one goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Few enough that a signal is heard at once: each is some files and a transaction. */
const IMAGES_A_TURN = 16;

/**
 * Records the images of a store whose database is lost, from index.json and the blobs. What is
 * not whole is left out: the next pull brings it.
 *
 * @throws LocalError `store-damaged` for a layout that is not dray's, whose names would get lost.
 */
export async function adoptLayout(
  database: Database,
  paths: StorePaths,
  { pulledAt, signal }: AdoptOptions,
): Promise<void> {
  const entries = await readEntries(paths.indexJson);
  for (const [position, entry] of entries.entries()) {
    if (position % IMAGES_A_TURN === 0) await nextTurn(signal);
    const reference = findReference(entry);
    if (reference === undefined) throw foreignLayout(paths.dir, entry);
    if (findImageRow(database, reference) !== undefined) continue;
    const record = await findImage(paths.dir, reference, entry);
    if (record === undefined) continue;
    const cameAt = findChange(blobPath(paths.dir, entry.digest));
    recordImageRows(database, record, cameAt ?? pulledAt);
  }
}

/** When a file was last written, so when a blob came. */
function findChange(path: string): string | undefined {
  return guardLocal("open", path, () => findEntry(path))?.mtime?.toISOString();
}

async function readEntries(path: string): Promise<readonly Descriptor[]> {
  try {
    const size = guardLocal("open", path, () => findEntry(path))?.size ?? 0;
    if (size > MAX_INDEX_JSON_BYTES) throw new RangeError(`${size} bytes`);
    const text = await localCall("read", path, () => Deno.readTextFile(path));
    const { manifests } = JSON.parse(text);
    return Array.isArray(manifests)
      ? manifests.map((entry) => parseDescriptor(entry, path))
      : [];
  } catch (error) {
    if (error instanceof LocalError && error.details.systemCode === "ENOENT") {
      return [];
    }
    throw new LocalError(
      "store-damaged",
      `Cannot read "${path}": it is no index`,
      {
        cause: error,
        hint: "move the file away, or use another store (--store DIR)",
      },
    );
  }
}

function findReference({ annotations }: Descriptor): string | undefined {
  const name = annotations?.[REF_NAME];
  if (name === undefined) return undefined;
  try {
    return formatReference(parseReference(name)) === name ? name : undefined;
  } catch (error) {
    if (error instanceof DrayError) return undefined;
    throw error;
  }
}

/** An image, if its root and all that this needs are here. */
async function findImage(
  dir: string,
  reference: string,
  root: Descriptor,
): Promise<ImageRecord | undefined> {
  const recorded = await findDocument(dir, root);
  if (recorded === undefined) return undefined;
  const { document } = recorded;
  const documents = [recorded];
  const children = document.kind === "index" ? document.index.manifests : [];
  for (const child of children) {
    const found = await findDocument(dir, child);
    if (found !== undefined) documents.push(found);
  }
  return { reference, root: document.descriptor, documents };
}

/** A document, if it and all it needs are here. */
async function findDocument(
  dir: string,
  descriptor: Descriptor,
): Promise<RecordedDocument | undefined> {
  if (!hasBlobFile(dir, descriptor)) return undefined;
  try {
    const document = await readDocument(dir, descriptor);
    const recorded = await withConfig(dir, document);
    const { platform } = descriptor;
    if (!hasRequiredBlobs(dir, recorded)) return undefined;
    return platform === undefined ? recorded : { ...recorded, platform };
  } catch (error) {
    if (error instanceof DrayError) return undefined;
    throw error;
  }
}

async function readDocument(
  dir: string,
  descriptor: Descriptor,
): Promise<Document> {
  const maxBytes = MAX_DOCUMENT_BYTES;
  const bytes = await readBlobFile(dir, descriptor, { maxBytes });
  return parseDocument(bytes, { descriptor });
}

async function withConfig(
  dir: string,
  document: Document,
): Promise<RecordedDocument> {
  if (document.kind === "index") return { document };
  const descriptor = document.manifest.config;
  const maxBytes = MAX_DOCUMENT_BYTES;
  const bytes = await readBlobFile(dir, descriptor, { maxBytes });
  const config = findConfig(bytes);
  return config === undefined
    ? { document }
    : { document, config: { descriptor, config } };
}

function findConfig(bytes: Uint8Array): ImageConfig | undefined {
  try {
    return parseImageConfig(bytes);
  } catch (error) {
    if (error instanceof DrayError) return undefined;
    throw error;
  }
}

function foreignLayout(dir: string, entry: Descriptor): LocalError {
  const name = quoteText(entry.annotations?.[REF_NAME] ?? entry.digest);
  return new LocalError(
    "store-damaged",
    `Cannot use "${dir}" as a store: its index.json names ${name}, which is no reference of dray's`,
    { hint: "use another folder (--store DIR)", details: { path: dir } },
  );
}
