import type { ImageConfig } from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { ImageManifest } from "../spec/manifest.ts";
import { jsonValue } from "./columns.ts";
import { upsertConfig } from "./config_table.ts";
import type { Database } from "./database.ts";
import { upsertLayers } from "./layer_table.ts";

const UPSERT = `
INSERT INTO manifests (
  digest, media_type, size, artifact_type, annotations, config_digest, config_media_type
) VALUES (?, ?, ?, ?, ?, ?, ?)
-- A store of format 1 knew it of one manifest only, where several share a config.
ON CONFLICT (digest) DO UPDATE SET config_media_type = excluded.config_media_type`;

/** Writes a manifest with its config and layers, in the order that the foreign keys ask for. */
export function upsertManifest(
  database: Database,
  { digest, size }: Descriptor,
  manifest: ImageManifest,
  config: ImageConfig | undefined,
): void {
  upsertConfig(database, manifest.config, config);
  database.run(
    UPSERT,
    digest,
    manifest.mediaType,
    size,
    manifest.artifactType ?? null,
    jsonValue(manifest.annotations),
    manifest.config.digest,
    manifest.config.mediaType,
  );
  upsertLayers(database, digest, manifest, config);
}
