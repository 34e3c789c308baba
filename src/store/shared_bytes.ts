import { integerColumn } from "./columns.ts";
import type { Database } from "./database.ts";

const SELECT = `
WITH needs AS (
  SELECT i.reference, m.digest, m.size FROM image_manifests i
    JOIN manifests m ON m.digest = i.manifest_digest
  UNION SELECT i.reference, c.digest, c.size FROM image_manifests i
    JOIN manifests m ON m.digest = i.manifest_digest
    JOIN configs c ON c.digest = m.config_digest
  UNION SELECT i.reference, l.digest, l.size FROM image_manifests i
    JOIN manifest_layers e ON e.manifest_digest = i.manifest_digest
    JOIN layers l ON l.digest = e.layer_digest
)
SELECT coalesce(sum(size), 0) AS bytes
FROM (SELECT max(size) AS size FROM needs GROUP BY digest HAVING count(*) > 1)`;

/** Bytes of the blobs that more than one image needs. */
export function selectSharedBytes(database: Database): number {
  return integerColumn(database.find(SELECT) ?? {}, "bytes");
}
