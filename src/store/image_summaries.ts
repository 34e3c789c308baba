import {
  asDigest,
  asInteger,
  asPlatform,
  asText,
  findText,
} from "./columns.ts";
import type { Database, Tuple } from "./database.ts";
import type { ImageSummary, StoredPlatform } from "./stored_image.ts";

// No digest but the root's: each more takes 10,000 images 10 ms to look up and check.
const SELECT = `
SELECT o.reference, o.digest, o.size_bytes, o.layer_count,
  o.created_at, o.pulled_at, o.last_used_at,
  i.position, i.os, i.architecture, i.variant, i.os_version
FROM images o LEFT JOIN image_manifests i ON i.reference = o.reference
ORDER BY o.reference, i.position`;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** All images in the order of their references, in half the time that `selectImages` takes. */
export function selectSummaries(database: Database): readonly ImageSummary[] {
  const images: ImageSummary[] = [];
  let reference: unknown;
  let platforms: Pick<StoredPlatform, "platform">[] = [];
  for (const row of database.tuples(SELECT)) {
    // One row a platform: those of an image stand together.
    if (row[0] !== reference) {
      reference = row[0];
      platforms = [];
      images.push(mapSummary(row, platforms));
    }
    if (row[7] === null) continue;
    platforms.push({ platform: asPlatform(row[8], row[9], row[10], row[11]) });
  }
  return images;
}

function mapSummary(
  row: Tuple,
  platforms: ImageSummary["platforms"],
): ImageSummary {
  const createdAt = findText(row[4], "created_at");
  const summary: Mutable<ImageSummary> = {
    reference: asText(row[0], "reference"),
    digest: asDigest(row[1], "digest"),
    platforms,
    sizeBytes: asInteger(row[2], "size_bytes"),
    layers: asInteger(row[3], "layer_count"),
    pulledAt: asText(row[5], "pulled_at"),
    lastUsedAt: asText(row[6], "last_used_at"),
  };
  if (createdAt !== undefined) summary.createdAt = createdAt;
  return summary;
}
