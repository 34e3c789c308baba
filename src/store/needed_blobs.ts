import type { Digest } from "../spec/digest.ts";
import { isForeignLayerType } from "../spec/media_type.ts";
import { digestColumn, integerColumn, textColumn } from "./columns.ts";
import type { Database, Row } from "./database.ts";

/** What a blob is to the image that needs it. */
export type BlobKind = "index" | "manifest" | "config" | "layer";

/** A blob that some reference needs. */
export interface NeededBlob {
  /** Names it. */
  readonly digest: Digest;
  /** Bytes it must have. */
  readonly size: number;
  /** As the document says that names it. */
  readonly mediaType: string;
  /** What it is. */
  readonly kind: BlobKind;
  /** A layer that may not be distributed, and so need not be here. */
  readonly isOptional: boolean;
}

/** An index in an index is needed as the outer one is; of manifests only those that were pulled. */
function needed(where: string): string {
  return `
WITH RECURSIVE roots AS (
  SELECT reference, index_digest, manifest_digest FROM images ${where}
), needed_indexes (digest) AS (
  SELECT index_digest FROM roots WHERE index_digest IS NOT NULL
  UNION SELECT c.manifest_digest FROM needed_indexes n
    JOIN index_manifests c ON c.index_digest = n.digest
    JOIN indexes i ON i.digest = c.manifest_digest
), needed_manifests (digest) AS (
  SELECT manifest_digest FROM roots WHERE manifest_digest IS NOT NULL
  UNION SELECT m.manifest_digest FROM roots r
    JOIN image_manifests m ON m.reference = r.reference
)`;
}

const BLOBS = `
SELECT i.digest, i.size, i.media_type, 'index' AS kind
  FROM needed_indexes n JOIN indexes i ON i.digest = n.digest
UNION ALL SELECT m.digest, m.size, m.media_type, 'manifest'
  FROM needed_manifests n JOIN manifests m ON m.digest = n.digest
UNION ALL SELECT c.digest, c.size, m.config_media_type, 'config'
  FROM needed_manifests n JOIN manifests m ON m.digest = n.digest
  JOIN configs c ON c.digest = m.config_digest
UNION ALL SELECT l.digest, l.size, e.media_type, 'layer'
  FROM needed_manifests n JOIN manifest_layers e ON e.manifest_digest = n.digest
  JOIN layers l ON l.digest = e.layer_digest`;

const SELECT_ALL = needed("") + BLOBS;
const SELECT_OF = needed("WHERE reference = ?") + BLOBS;

/** All that references need, or one of them; each blob once. */
export function selectNeededBlobs(
  database: Database,
  reference?: string,
): ReadonlyMap<Digest, NeededBlob> {
  const rows = reference === undefined
    ? database.all(SELECT_ALL)
    : database.all(SELECT_OF, reference);
  const blobs = new Map<Digest, NeededBlob>();
  for (const row of rows) {
    const blob = mapBlob(row);
    const known = blobs.get(blob.digest);
    // Whoever needs it for sure decides.
    if (known === undefined || known.isOptional) blobs.set(blob.digest, blob);
  }
  return blobs;
}

function mapBlob(row: Row): NeededBlob {
  const mediaType = textColumn(row, "media_type");
  // Sound: the query has these four words and no other.
  const kind = textColumn(row, "kind") as BlobKind;
  return {
    digest: digestColumn(row, "digest"),
    size: integerColumn(row, "size"),
    mediaType,
    kind,
    isOptional: kind === "layer" && isForeignLayerType(mediaType),
  };
}

const SELECT_DIGESTS = needed("") + `
SELECT digest FROM needed_indexes UNION ALL SELECT digest FROM needed_manifests
UNION ALL SELECT m.config_digest FROM needed_manifests n
  JOIN manifests m ON m.digest = n.digest
UNION ALL SELECT e.layer_digest FROM needed_manifests n
  JOIN manifest_layers e ON e.manifest_digest = n.digest`;

/** The digests alone, as text: what there may be hundreds of thousands of. */
export function selectNeededDigests(database: Database): ReadonlySet<string> {
  const digests = new Set<string>();
  for (const row of database.all(SELECT_DIGESTS)) {
    digests.add(textColumn(row, "digest"));
  }
  return digests;
}

const SELECT_USERS = `
WITH RECURSIVE parents (digest) AS (
  SELECT ?1 UNION SELECT c.index_digest FROM parents p
    JOIN index_manifests c ON c.manifest_digest = p.digest
)
SELECT reference FROM images WHERE index_digest IN (SELECT digest FROM parents)
UNION SELECT reference FROM images WHERE manifest_digest = ?1
UNION SELECT reference FROM image_manifests WHERE manifest_digest = ?1
UNION SELECT i.reference FROM manifests m
  JOIN image_manifests i ON i.manifest_digest = m.digest WHERE m.config_digest = ?1
UNION SELECT i.reference FROM manifest_layers e
  JOIN image_manifests i ON i.manifest_digest = e.manifest_digest
  WHERE e.layer_digest = ?1
ORDER BY reference`;

/** The references whose repository has a blob, in their order. */
export function selectUsers(
  database: Database,
  digest: Digest,
): readonly string[] {
  return database.all(SELECT_USERS, digest)
    .map((row) => textColumn(row, "reference"));
}

const DELETIONS = [
  needed("") + `
DELETE FROM indexes WHERE digest NOT IN (SELECT digest FROM needed_indexes)`,
  needed("") + `
DELETE FROM manifests WHERE digest NOT IN (SELECT digest FROM needed_manifests)`,
  `DELETE FROM configs WHERE NOT EXISTS (
    SELECT 1 FROM manifests m WHERE m.config_digest = configs.digest)`,
  `DELETE FROM layers WHERE NOT EXISTS (
    SELECT 1 FROM manifest_layers e WHERE e.layer_digest = layers.digest)`,
];

/** Deletes the rows that no reference needs, in one transaction; says how many. */
export function deleteUnneededRows(database: Database): number {
  return database.transaction(() =>
    DELETIONS.reduce((sum, sql) => sum + database.run(sql), 0)
  );
}
