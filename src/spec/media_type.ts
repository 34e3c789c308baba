/** OCI image manifest. */
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** OCI image index. */
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
/** OCI image configuration. */
export const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
/** OCI's empty object, the config of most artifacts. */
export const OCI_EMPTY = "application/vnd.oci.empty.v1+json";
/** OCI layer, not compressed. */
export const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
/** OCI layer, gzip. */
export const OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
/** OCI layer, zstd. */
export const OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
/** Docker schema 2 manifest. */
export const DOCKER_MANIFEST =
  "application/vnd.docker.distribution.manifest.v2+json";
/** Docker manifest list. */
export const DOCKER_INDEX =
  "application/vnd.docker.distribution.manifest.list.v2+json";
/** Docker image configuration. */
export const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
/** Docker layer, gzip. */
export const DOCKER_LAYER_GZIP =
  "application/vnd.docker.image.rootfs.diff.tar.gzip";
/** Docker layer that lives at URLs of its own (Windows base images). */
export const DOCKER_FOREIGN_LAYER =
  "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

/** One `Accept` value for every kind of document that dray reads. */
export const ACCEPT_DOCUMENTS: string = [
  OCI_INDEX,
  OCI_MANIFEST,
  DOCKER_INDEX,
  DOCKER_MANIFEST,
].join(", ");

const SCHEMA1_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
]);
const OCI_LAYER_TYPE =
  /^application\/vnd\.oci\.image\.layer\.(nondistributable\.)?v1\.tar(?:\+[a-z0-9]+)?$/;
// Docker-type layers with a suffix other than .gzip are in the wild: skopeo #1286.
const DOCKER_LAYER_TYPE =
  /^application\/vnd\.docker\.image\.rootfs\.(foreign\.)?diff\.tar(?:[.+][a-z0-9]+)?$/;

/** A media type without its parameters (`; charset=utf-8`), lower case. */
export function baseMediaType(mediaType: string): string {
  const semicolon = mediaType.indexOf(";");
  const base = semicolon < 0 ? mediaType : mediaType.slice(0, semicolon);
  return base.trim().toLowerCase();
}

/** Whether it is an image index or a Docker manifest list. */
export function isIndexType(mediaType: string): boolean {
  const base = baseMediaType(mediaType);
  return base === OCI_INDEX || base === DOCKER_INDEX;
}

/** Whether it is an image manifest, OCI or Docker schema 2. */
export function isManifestType(mediaType: string): boolean {
  const base = baseMediaType(mediaType);
  return base === OCI_MANIFEST || base === DOCKER_MANIFEST;
}

/** Whether it is a file system layer of an image, whatever its compression. */
export function isLayerType(mediaType: string): boolean {
  const base = baseMediaType(mediaType);
  return OCI_LAYER_TYPE.test(base) || DOCKER_LAYER_TYPE.test(base);
}

/** Whether it is a layer that registries may not hold, had at its `urls`. */
export function isForeignLayerType(mediaType: string): boolean {
  const base = baseMediaType(mediaType);
  const match = OCI_LAYER_TYPE.exec(base) ?? DOCKER_LAYER_TYPE.exec(base);
  return match?.[1] !== undefined;
}

/** Whether it is an image's configuration; another config makes an artifact. */
export function isImageConfigType(mediaType: string): boolean {
  const base = baseMediaType(mediaType);
  return base === OCI_CONFIG || base === DOCKER_CONFIG;
}

/** Whether it is Docker's old manifest format, schema 1, which dray refuses. */
export function isSchema1Type(mediaType: string): boolean {
  return SCHEMA1_TYPES.has(baseMediaType(mediaType));
}
