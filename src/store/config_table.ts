import type { ImageConfig } from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { jsonValue } from "./columns.ts";
import type { Database } from "./database.ts";

const UPSERT_BLOB = `
INSERT INTO configs (digest, size) VALUES (?, ?)
ON CONFLICT (digest) DO NOTHING`;

const UPDATE_CONTENT = `
UPDATE configs SET
  os = ?, architecture = ?, variant = ?, os_version = ?, os_features = ?,
  created = ?, author = ?, env = ?, cmd = ?, entrypoint = ?, working_dir = ?,
  user = ?, volumes = ?, exposed_ports = ?, labels = ?, stop_signal = ?,
  history = ?, diff_ids = ?
WHERE digest = ?`;

/** Writes the row of a config blob, with its content where it is an image configuration. */
export function upsertConfig(
  database: Database,
  { digest, size }: Descriptor,
  config: ImageConfig | undefined,
): void {
  database.run(UPSERT_BLOB, digest, size);
  if (config === undefined) return;
  const { platform } = config;
  database.run(
    UPDATE_CONTENT,
    platform.os,
    platform.architecture,
    platform.variant ?? null,
    platform.osVersion ?? null,
    jsonValue(platform.osFeatures),
    config.created ?? null,
    config.author ?? null,
    jsonValue(config.env),
    jsonValue(config.cmd),
    jsonValue(config.entrypoint),
    config.workingDir ?? null,
    config.user ?? null,
    jsonValue(config.volumes),
    jsonValue(config.exposedPorts),
    jsonValue(config.labels),
    config.stopSignal ?? null,
    jsonValue(config.history),
    jsonValue(config.diffIds),
    digest,
  );
}
