import type { Descriptor } from "../spec/descriptor.ts";
import { asDigest, asInteger, asText, findText } from "./columns.ts";
import type { Database, Tuple } from "./database.ts";
import { selectAllPlatforms, selectPlatforms } from "./image_manifest_table.ts";
import type { StoredImage, StoredPlatform } from "./stored_image.ts";

const COLUMNS = `reference, digest, media_type, size, size_bytes, layer_count,
  created_at, pulled_at, last_used_at`;
const SELECT_ALL = `SELECT ${COLUMNS} FROM images ORDER BY reference`;
const SELECT_ONE = `SELECT ${COLUMNS} FROM images WHERE reference = ?`;
const DELETE = "DELETE FROM images WHERE reference = ?";
const TOUCH = "UPDATE images SET last_used_at = ? WHERE reference = ?";

// A moved tag keeps nothing of the image it named before; the same digest keeps its platforms.
const FORGET_MOVED = "DELETE FROM images WHERE reference = ? AND digest <> ?";
const UPSERT = `
INSERT INTO images (
  reference, digest, media_type, size, index_digest, manifest_digest, pulled_at, last_used_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (reference) DO UPDATE SET
  pulled_at = excluded.pulled_at, last_used_at = excluded.last_used_at`;

const UPDATE_TOTALS = `
WITH stored AS (
  SELECT m.digest, m.size, m.config_digest FROM image_manifests i
  JOIN manifests m ON m.digest = i.manifest_digest WHERE i.reference = ?1
), blobs AS (
  SELECT digest, size, 0 AS is_layer FROM stored
  UNION SELECT c.digest, c.size, 0 FROM stored s JOIN configs c ON c.digest = s.config_digest
  UNION SELECT l.digest, l.size, 1 FROM stored s
    JOIN manifest_layers e ON e.manifest_digest = s.digest
    JOIN layers l ON l.digest = e.layer_digest
)
UPDATE images SET
  size_bytes = (SELECT coalesce(sum(size), 0) FROM blobs),
  layer_count = (SELECT coalesce(sum(is_layer), 0) FROM blobs),
  created_at = (
    SELECT c.created FROM image_manifests i
    JOIN manifests m ON m.digest = i.manifest_digest
    JOIN configs c ON c.digest = m.config_digest
    WHERE i.reference = ?1 ORDER BY i.position LIMIT 1
  )
WHERE reference = ?1`;

/** Writes the row of a reference. */
export function upsertImage(
  database: Database,
  reference: string,
  root: Descriptor & { readonly kind: "index" | "manifest" },
  pulledAt: string,
): void {
  const { digest, mediaType, size, kind } = root;
  database.run(FORGET_MOVED, reference, digest);
  database.run(
    UPSERT,
    reference,
    digest,
    mediaType,
    size,
    kind === "index" ? digest : null,
    kind === "manifest" ? digest : null,
    pulledAt,
    pulledAt,
  );
}

/** Works out size, number of layers and date again, once an image's platforms are written. */
export function updateImageTotals(database: Database, reference: string): void {
  database.run(UPDATE_TOTALS, reference);
}

/** Notes that an image was used. */
export function touchImageRow(
  database: Database,
  reference: string,
  usedAt: string,
): boolean {
  return database.runUnsynced(TOUCH, usedAt, reference) > 0;
}

/** Forgets a reference. What it needed stays until it is pruned. */
export function deleteImage(database: Database, reference: string): boolean {
  return database.run(DELETE, reference) > 0;
}

/** All images in the order of their references. */
export function selectImages(database: Database): readonly StoredImage[] {
  const platformsOf = selectAllPlatforms(database);
  return database.tuples(SELECT_ALL).map((row) =>
    mapImage(row, platformsOf(String(row[0])))
  );
}

/** What index.json names: the roots of all images, in the order of their references. */
export function selectRoots(
  database: Database,
): readonly Omit<StoredImage, "platforms">[] {
  return database.tuples(SELECT_ALL).map((row) => mapImage(row, []));
}

/** One image. */
export function findImageRow(
  database: Database,
  reference: string,
): StoredImage | undefined {
  const [row] = database.tuples(SELECT_ONE, reference);
  return row && mapImage(row, selectPlatforms(database, reference));
}

/** There may be very many: so no object is made twice. */
function mapImage(
  row: Tuple,
  platforms: readonly StoredPlatform[],
): StoredImage {
  const [reference, digest, mediaType, size, sizeBytes, layers] = row;
  const createdAt = findText(row[6], "created_at");
  const image: { -readonly [Key in keyof StoredImage]: StoredImage[Key] } = {
    reference: asText(reference, "reference"),
    digest: asDigest(digest, "digest"),
    mediaType: asText(mediaType, "media_type"),
    size: asInteger(size, "size"),
    platforms,
    sizeBytes: asInteger(sizeBytes, "size_bytes"),
    layers: asInteger(layers, "layer_count"),
    pulledAt: asText(row[7], "pulled_at"),
    lastUsedAt: asText(row[8], "last_used_at"),
  };
  if (createdAt !== undefined) image.createdAt = createdAt;
  return image;
}
