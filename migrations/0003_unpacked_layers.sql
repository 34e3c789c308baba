-- Layers that have been unpacked into layers/, each whole, its diff_id checked. The folder is there
-- before its row; a folder without one is what a crash left, and is made sure of again.

CREATE TABLE unpacked_layers (
  digest      TEXT NOT NULL,
  -- oci: whiteouts are .wh. files; overlay: as overlayfs reads them, in a folder of its own.
  form        TEXT NOT NULL CHECK (form IN ('oci', 'overlay')),
  diff_id     TEXT NOT NULL,
  -- Uncompressed.
  bytes       INTEGER NOT NULL,
  -- Entries that are not on disk as the image has them.
  unset       INTEGER NOT NULL,
  unpacked_at TEXT NOT NULL,
  PRIMARY KEY (digest, form)
) STRICT, WITHOUT ROWID;
