import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { formatRepository, parseReference } from "../spec/reference.ts";
import { integerColumn, textColumn } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import { selectSummaries } from "./image_summaries.ts";
import { selectNeededBlobs } from "./needed_blobs.ts";
import type { ImageSummary } from "./stored_image.ts";

/** What a stored document is, as far as a registry has to tell. */
export type StoredDocument = Pick<Descriptor, "mediaType" | "digest" | "size">;

const SELECT_REFERENCES = "SELECT reference FROM images ORDER BY reference";

// A reference is its repository, then ":" or "@": two stretches of the primary key.
const SELECT_IN = `
SELECT reference FROM images
WHERE (reference >= ?1 || ':' AND reference < ?1 || ';')
   OR (reference >= ?1 || '@' AND reference < ?1 || 'A')
ORDER BY reference`;

const SELECT_NAMED = `
SELECT reference FROM images
WHERE substr(reference, instr(reference, '/') + 1, length(?1) + 1) IN (?1 || ':', ?1 || '@')
ORDER BY reference`;

// A manifest that an index only lists is not stored with it.
const SELECT_DOCUMENT = `
WITH RECURSIVE parents (digest) AS (
  SELECT digest FROM indexes WHERE digest = ?1
  UNION SELECT c.index_digest FROM parents p
    JOIN index_manifests c ON c.manifest_digest = p.digest
), users (reference) AS (
  SELECT reference FROM images WHERE index_digest IN (SELECT digest FROM parents)
  UNION SELECT reference FROM images WHERE manifest_digest = ?1
  UNION SELECT reference FROM image_manifests WHERE manifest_digest = ?1
)
SELECT d.media_type, d.size, u.reference FROM users u
JOIN (
  SELECT media_type, size FROM indexes WHERE digest = ?1
  UNION ALL SELECT media_type, size FROM manifests WHERE digest = ?1
) d`;

const SELECT_BLOB = `
SELECT c.size, i.reference FROM configs c
  JOIN manifests m ON m.config_digest = c.digest
  JOIN image_manifests i ON i.manifest_digest = m.digest WHERE c.digest = ?1
UNION SELECT l.size, i.reference FROM layers l
  JOIN manifest_layers e ON e.layer_digest = l.digest
  JOIN image_manifests i ON i.manifest_digest = e.manifest_digest
  WHERE l.digest = ?1`;

/** What a store holds, by repository: the questions that a registry is asked. */
export class StoreCatalog {
  readonly #database: Database;

  /** Made by the store. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** All images in the order of their references; cheaper than `Store.listImages`. */
  summaries(): readonly ImageSummary[] {
    return selectSummaries(this.#database);
  }

  /** All repositories with their registry, in their order: `docker.io/library/alpine`. */
  repositories(): readonly string[] {
    return repositoriesOf(this.#database.all(SELECT_REFERENCES));
  }

  /** Those whose path within its registry is this one. */
  repositoriesNamed(path: string): readonly string[] {
    return repositoriesOf(this.#database.all(SELECT_NAMED, path));
  }

  /** The references of a repository, in their order. */
  references(repository: string): readonly string[] {
    return this.#database.all(SELECT_IN, repository).map(referenceColumn);
  }

  /** A manifest or index that an image of a repository needs. */
  findDocument(repository: string, digest: Digest): StoredDocument | undefined {
    const row = this.#findUse(SELECT_DOCUMENT, repository, digest);
    if (row === undefined) return undefined;
    const mediaType = textColumn(row, "media_type");
    return { mediaType, digest, size: integerColumn(row, "size") };
  }

  /** The size of a config or layer that an image of a repository needs. */
  findBlobSize(repository: string, digest: Digest): number | undefined {
    const row = this.#findUse(SELECT_BLOB, repository, digest);
    return row === undefined ? undefined : integerColumn(row, "size");
  }

  /** The manifests and indexes of a repository, each once. */
  documents(repository: string): readonly StoredDocument[] {
    const found = new Map<Digest, StoredDocument>();
    for (const reference of this.references(repository)) {
      for (
        const blob of selectNeededBlobs(this.#database, reference).values()
      ) {
        const { kind, mediaType, digest, size } = blob;
        if (kind !== "index" && kind !== "manifest") continue;
        found.set(digest, { mediaType, digest, size });
      }
    }
    return [...found.values()];
  }

  #findUse(sql: string, repository: string, digest: Digest): Row | undefined {
    return this.#database.all(sql, digest).find((row) => {
      const reference = referenceColumn(row);
      return reference.startsWith(`${repository}:`) ||
        reference.startsWith(`${repository}@`);
    });
  }
}

function repositoriesOf(rows: readonly Row[]): readonly string[] {
  const names = rows.map((row) =>
    formatRepository(parseReference(referenceColumn(row)))
  );
  return [...new Set(names)].sort();
}

function referenceColumn(row: Row): string {
  return textColumn(row, "reference");
}
