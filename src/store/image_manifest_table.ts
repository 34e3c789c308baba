import type { Digest } from "../spec/digest.ts";
import type { Platform } from "../spec/platform.ts";
import { asDigest, asPlatform } from "./columns.ts";
import type { Database, Tuple } from "./database.ts";
import type { StoredPlatform } from "./stored_image.ts";

const UPSERT = `
INSERT INTO image_manifests (
  reference, position, manifest_digest, os, architecture, variant, os_version
) VALUES (
  ?1, (SELECT coalesce(max(position) + 1, 0) FROM image_manifests WHERE reference = ?1),
  ?2, ?3, ?4, ?5, ?6
)
ON CONFLICT (reference, manifest_digest) DO UPDATE SET
  os = excluded.os, architecture = excluded.architecture,
  variant = excluded.variant, os_version = excluded.os_version`;

const COLUMNS = `i.reference, i.manifest_digest, m.config_digest,
  i.os, i.architecture, i.variant, i.os_version`;
const JOIN =
  `image_manifests i JOIN manifests m ON m.digest = i.manifest_digest`;
const SELECT_ALL =
  `SELECT ${COLUMNS} FROM ${JOIN} ORDER BY i.reference, i.position`;
const SELECT_OF =
  `SELECT ${COLUMNS} FROM ${JOIN} WHERE i.reference = ? ORDER BY i.position`;

/** Notes that a reference has this manifest with all its blobs. */
export function upsertImageManifest(
  database: Database,
  reference: string,
  manifestDigest: Digest,
  platform: Platform | undefined,
): void {
  database.run(
    UPSERT,
    reference,
    manifestDigest,
    platform?.os ?? null,
    platform?.architecture ?? null,
    platform?.variant ?? null,
    platform?.osVersion ?? null,
  );
}

/** The platforms that are stored of one reference. */
export function selectPlatforms(
  database: Database,
  reference: string,
): readonly StoredPlatform[] {
  return database.tuples(SELECT_OF, reference).map(mapPlatform);
}

/**
 * The platforms that are stored of all references: to be asked for one reference after the other,
 * in their order.
 */
export function selectAllPlatforms(
  database: Database,
): (reference: string) => readonly StoredPlatform[] {
  const rows = database.tuples(SELECT_ALL);
  let next = 0;
  return (reference) => {
    const platforms: StoredPlatform[] = [];
    // Of an image that somebody took out by hand.
    while (String(rows[next]?.[0] ?? reference) < reference) next++;
    for (let row = rows[next]; row?.[0] === reference; row = rows[++next]) {
      platforms.push(mapPlatform(row));
    }
    return platforms;
  };
}

function mapPlatform(row: Tuple): StoredPlatform {
  const [, manifest, config, os, architecture, variant, osVersion] = row;
  return {
    platform: asPlatform(os, architecture, variant, osVersion),
    manifestDigest: asDigest(manifest, "manifest_digest"),
    configDigest: asDigest(config, "config_digest"),
  };
}
