-- A config's media type is what a manifest says about it, as a layer's is: two manifests may name
-- the same bytes differently. Of those that share a config already, the first one's word is known.

ALTER TABLE manifests ADD COLUMN config_media_type TEXT NOT NULL DEFAULT '';
UPDATE manifests SET config_media_type = (
  SELECT c.media_type FROM configs c WHERE c.digest = manifests.config_digest
);
ALTER TABLE configs DROP COLUMN media_type;
