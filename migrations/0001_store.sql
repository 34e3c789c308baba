-- What is about the blobs. The blobs themselves are files; digests are keys everywhere.
-- Lists and objects are JSON text. Times of our own are RFC 3339; `created` is untrusted text.

CREATE TABLE configs (
  digest        TEXT PRIMARY KEY,
  media_type    TEXT NOT NULL,
  size          INTEGER NOT NULL,
  -- All below is null where the blob is no image configuration.
  os            TEXT,
  architecture  TEXT,
  variant       TEXT,
  os_version    TEXT,
  os_features   TEXT,
  created       TEXT,
  author        TEXT,
  env           TEXT,
  cmd           TEXT,
  entrypoint    TEXT,
  working_dir   TEXT,
  user          TEXT,
  volumes       TEXT,
  exposed_ports TEXT,
  labels        TEXT,
  stop_signal   TEXT,
  history       TEXT,
  diff_ids      TEXT
) STRICT;

CREATE TABLE layers (
  digest TEXT PRIMARY KEY,
  size   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE manifests (
  digest        TEXT PRIMARY KEY,
  media_type    TEXT NOT NULL,
  size          INTEGER NOT NULL,
  artifact_type TEXT,
  annotations   TEXT,
  config_digest TEXT NOT NULL REFERENCES configs (digest)
) STRICT;
CREATE INDEX manifests_by_config ON manifests (config_digest);

-- Order and repetition matter: a layer may stand twice. Media type and diff_id are what this
-- manifest and its config say about the layer; another image may say otherwise.
CREATE TABLE manifest_layers (
  manifest_digest TEXT NOT NULL REFERENCES manifests (digest) ON DELETE CASCADE,
  position        INTEGER NOT NULL,
  layer_digest    TEXT NOT NULL REFERENCES layers (digest),
  media_type      TEXT NOT NULL,
  diff_id         TEXT,
  PRIMARY KEY (manifest_digest, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_layers_by_layer ON manifest_layers (layer_digest);

CREATE TABLE indexes (
  digest        TEXT PRIMARY KEY,
  media_type    TEXT NOT NULL,
  size          INTEGER NOT NULL,
  artifact_type TEXT,
  annotations   TEXT
) STRICT;

-- All that an index lists, stored or not: hence no foreign key on the manifest.
CREATE TABLE index_manifests (
  index_digest    TEXT NOT NULL REFERENCES indexes (digest) ON DELETE CASCADE,
  position        INTEGER NOT NULL,
  manifest_digest TEXT NOT NULL,
  media_type      TEXT NOT NULL,
  size            INTEGER NOT NULL,
  os              TEXT,
  architecture    TEXT,
  variant         TEXT,
  os_version      TEXT,
  annotations     TEXT,
  PRIMARY KEY (index_digest, position)
) STRICT, WITHOUT ROWID;

-- One row a reference; its root is an index or a manifest.
CREATE TABLE images (
  reference       TEXT PRIMARY KEY,
  digest          TEXT NOT NULL,
  media_type      TEXT NOT NULL,
  size            INTEGER NOT NULL,
  index_digest    TEXT REFERENCES indexes (digest),
  manifest_digest TEXT REFERENCES manifests (digest),
  -- Manifests, configs and distinct layers of the platforms that are stored, and their number.
  size_bytes      INTEGER NOT NULL DEFAULT 0,
  layer_count     INTEGER NOT NULL DEFAULT 0,
  created_at      TEXT,
  pulled_at       TEXT NOT NULL,
  last_used_at    TEXT NOT NULL,
  CHECK (digest = coalesce(index_digest, manifest_digest)),
  CHECK ((index_digest IS NULL) <> (manifest_digest IS NULL))
) STRICT;
CREATE INDEX images_by_index ON images (index_digest);
CREATE INDEX images_by_manifest ON images (manifest_digest);

-- The manifests of a reference that are stored with all their blobs: one a platform.
CREATE TABLE image_manifests (
  reference       TEXT NOT NULL REFERENCES images (reference) ON DELETE CASCADE,
  position        INTEGER NOT NULL,
  manifest_digest TEXT NOT NULL REFERENCES manifests (digest),
  os              TEXT,
  architecture    TEXT,
  variant         TEXT,
  os_version      TEXT,
  PRIMARY KEY (reference, position),
  UNIQUE (reference, manifest_digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_manifests_by_manifest ON image_manifests (manifest_digest);

-- One row: how often what index.json shows has changed, and which of these states is in the file.
-- They differ after a crash between the two; whoever opens the store next writes the file again.
CREATE TABLE layout_state (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  changed INTEGER NOT NULL,
  written INTEGER NOT NULL
) STRICT;
INSERT INTO layout_state (id, changed, written) VALUES (1, 1, 0);
