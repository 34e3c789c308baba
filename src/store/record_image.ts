import { LocalError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { isForeignLayerType } from "../spec/media_type.ts";
import type { Document } from "../spec/manifest.ts";
import { hasBlobFile } from "./blob_files.ts";
import type { Database } from "./database.ts";
import { upsertImageManifest } from "./image_manifest_table.ts";
import type { ImageRecord, RecordedDocument } from "./image_record.ts";
import { updateImageTotals, upsertImage } from "./image_table.ts";
import { noteLayoutChange } from "./layout_state.ts";
import { upsertIndex } from "./index_table.ts";
import { upsertManifest } from "./manifest_table.ts";

/** Writes all rows of an image in one transaction. Recorded twice, it stands there once. */
export function recordImageRows(
  database: Database,
  record: ImageRecord,
  pulledAt: string,
): void {
  const { reference, root, documents } = record;
  const rootDocument = findRoot(record);
  database.transaction(() => {
    for (const recorded of documents) upsertDocument(database, recorded);
    upsertImage(
      database,
      reference,
      { ...root, kind: rootDocument.kind },
      pulledAt,
    );
    for (const { document, config, platform } of documents) {
      if (document.kind === "index") continue;
      upsertImageManifest(
        database,
        reference,
        document.descriptor.digest,
        platform ?? config?.config.platform,
      );
    }
    updateImageTotals(database, reference);
    noteLayoutChange(database);
  });
}

/**
 * Checks that all blobs of an image are committed: what a reference names must be there.
 *
 * @throws LocalError `store-damaged`
 */
export function requireBlobs(
  dir: string,
  { reference, documents }: ImageRecord,
): void {
  const missing = documents.flatMap(requiredBlobs)
    .find((blob) => !hasBlobFile(dir, blob));
  if (missing === undefined) return;
  throw new LocalError(
    "store-damaged",
    `Cannot record "${reference}": blob ${missing.digest} is not in the store`,
    {
      hint: "pull it again",
      details: { reference, digest: missing.digest },
    },
  );
}

/** Whether a document and, of a manifest, all it needs are committed. */
export function hasRequiredBlobs(
  dir: string,
  recorded: RecordedDocument,
): boolean {
  return requiredBlobs(recorded).every((blob) => hasBlobFile(dir, blob));
}

function requiredBlobs({ document }: RecordedDocument): readonly Descriptor[] {
  if (document.kind === "index") return [document.descriptor];
  const { config, layers } = document.manifest;
  // Layers that may not be distributed are not always to be had.
  const own = layers.filter(({ mediaType }) => !isForeignLayerType(mediaType));
  return [document.descriptor, config, ...own];
}

function upsertDocument(
  database: Database,
  { document, config }: RecordedDocument,
): void {
  if (document.kind === "index") {
    upsertIndex(database, document.descriptor, document.index);
  } else {
    upsertManifest(
      database,
      document.descriptor,
      document.manifest,
      config?.config,
    );
  }
}

function findRoot({ reference, root, documents }: ImageRecord): Document {
  const found = documents.find(({ document }) =>
    document.descriptor.digest === root.digest
  );
  if (found !== undefined) return found.document;
  throw new TypeError(`The root of "${reference}" is not in its documents`);
}
