import type { Digest } from "../spec/digest.ts";
import { digestColumn, integerColumn, textColumn } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import type { LayerForm } from "./layout.ts";

/** A layer that has been unpacked into the store's `layers/`. */
export interface UnpackedLayerRecord {
  /** As it is in the manifest. */
  readonly digest: Digest;
  /** What whiteouts are in it. */
  readonly form: LayerForm;
  /** Of its uncompressed bytes; checked. */
  readonly diffId: Digest;
  /** Uncompressed. */
  readonly bytes: number;
  /** Entries that are not on disk as the image has them. */
  readonly unset: number;
}

const COLUMNS = "digest, form, diff_id, bytes, unset";
const SELECT_ALL =
  `SELECT ${COLUMNS} FROM unpacked_layers ORDER BY digest, form`;
const SELECT_ONE =
  `SELECT ${COLUMNS} FROM unpacked_layers WHERE digest = ? AND form = ?`;
const DELETE = "DELETE FROM unpacked_layers WHERE digest = ? AND form = ?";
const UPSERT = `
INSERT INTO unpacked_layers (${COLUMNS}, unpacked_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (digest, form) DO UPDATE SET
  diff_id = excluded.diff_id, bytes = excluded.bytes, unset = excluded.unset,
  unpacked_at = excluded.unpacked_at`;

/** Records that a layer's folder is there, whole. */
export function upsertUnpackedLayer(
  database: Database,
  { digest, form, diffId, bytes, unset }: UnpackedLayerRecord,
  unpackedAt: string,
): void {
  database.run(UPSERT, digest, form, diffId, bytes, unset, unpackedAt);
}

/** What is recorded of a layer. */
export function findUnpackedLayer(
  database: Database,
  digest: Digest,
  form: LayerForm,
): UnpackedLayerRecord | undefined {
  const row = database.find(SELECT_ONE, digest, form);
  return row && mapUnpackedLayer(row);
}

/** All that are recorded. */
export function selectUnpackedLayers(
  database: Database,
): readonly UnpackedLayerRecord[] {
  return database.all(SELECT_ALL).map(mapUnpackedLayer);
}

/** Forgets one. */
export function deleteUnpackedLayer(
  database: Database,
  digest: Digest,
  form: LayerForm,
): void {
  database.run(DELETE, digest, form);
}

function mapUnpackedLayer(row: Row): UnpackedLayerRecord {
  return {
    digest: digestColumn(row, "digest"),
    form: textColumn(row, "form") === "overlay" ? "overlay" : "oci",
    diffId: digestColumn(row, "diff_id"),
    bytes: integerColumn(row, "bytes"),
    unset: integerColumn(row, "unset"),
  };
}
