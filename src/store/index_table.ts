import type { Descriptor } from "../spec/descriptor.ts";
import type { ImageIndex } from "../spec/manifest.ts";
import { jsonValue } from "./columns.ts";
import type { Database } from "./database.ts";

const UPSERT = `
INSERT INTO indexes (digest, media_type, size, artifact_type, annotations)
VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING`;

const UPSERT_CHILD = `
INSERT INTO index_manifests (
  index_digest, position, manifest_digest, media_type, size,
  os, architecture, variant, os_version, annotations
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (index_digest, position) DO NOTHING`;

/** Writes an index and all that it lists. The digest names the content, so nothing ever changes. */
export function upsertIndex(
  database: Database,
  { digest, size }: Descriptor,
  index: ImageIndex,
): void {
  const inserted = database.run(
    UPSERT,
    digest,
    index.mediaType,
    size,
    index.artifactType ?? null,
    jsonValue(index.annotations),
  );
  if (inserted === 0) return;
  index.manifests.forEach((child, position) =>
    database.run(
      UPSERT_CHILD,
      digest,
      position,
      child.digest,
      child.mediaType,
      child.size,
      child.platform?.os ?? null,
      child.platform?.architecture ?? null,
      child.platform?.variant ?? null,
      child.platform?.osVersion ?? null,
      jsonValue(child.annotations),
    )
  );
}
