import type { Digest } from "../spec/digest.ts";
import type { ImageConfig } from "../spec/config.ts";
import type { ImageManifest } from "../spec/manifest.ts";
import { digestColumn, integerColumn, textColumn } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import type { StoredLayer } from "./stored_image.ts";

const UPSERT_LAYER = `
INSERT INTO layers (digest, size) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING`;

const UPSERT_EDGE = `
INSERT INTO manifest_layers (manifest_digest, position, layer_digest, media_type, diff_id)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (manifest_digest, position)
DO UPDATE SET diff_id = coalesce(excluded.diff_id, diff_id)`;

const SELECT_LAYERS = `
SELECT l.digest, e.media_type, l.size, e.diff_id
FROM manifest_layers e JOIN layers l ON l.digest = e.layer_digest
WHERE e.manifest_digest = ? ORDER BY e.position`;

/** Writes a manifest's layers and their order. */
export function upsertLayers(
  database: Database,
  manifestDigest: Digest,
  { layers }: ImageManifest,
  config: ImageConfig | undefined,
): void {
  layers.forEach(({ digest, size, mediaType }, position) => {
    database.run(UPSERT_LAYER, digest, size);
    const diffId = config?.diffIds[position] ?? null;
    database.run(
      UPSERT_EDGE,
      manifestDigest,
      position,
      digest,
      mediaType,
      diffId,
    );
  });
}

/** A manifest's layers, lowest first. */
export function selectLayers(
  database: Database,
  manifestDigest: Digest,
): readonly StoredLayer[] {
  return database.all(SELECT_LAYERS, manifestDigest).map(mapLayer);
}

function mapLayer(row: Row): StoredLayer {
  return {
    digest: digestColumn(row, "digest"),
    mediaType: textColumn(row, "media_type"),
    size: integerColumn(row, "size"),
    ...(row["diff_id"] === null
      ? {}
      : { diffId: digestColumn(row, "diff_id") }),
  };
}
