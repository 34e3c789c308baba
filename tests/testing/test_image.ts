import { digestOf } from "./test_bytes.ts";

/** Which family of media types. */
export type Flavor = "oci" | "docker";

/** A descriptor as JSON; fields are loose on purpose, so that tests can make wrong ones. */
export interface TestDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

/** Bytes with their descriptor. */
export interface TestBlob {
  readonly descriptor: TestDescriptor;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A layer; `diffId` is the digest of the uncompressed tar. */
export interface TestLayer extends TestBlob {
  readonly diffId: string;
}

/** An image for one platform, or an index of several; all that has to be served for it. */
export interface TestImage {
  /** What a tag points at. */
  readonly root: TestBlob;
  /** The root and every manifest below it. */
  readonly documents: readonly TestBlob[];
  /** Configs and layers, each digest once. */
  readonly blobs: readonly TestBlob[];
  readonly config: TestBlob;
  readonly layers: readonly TestLayer[];
  /** Images of an index; just itself where it is none. */
  readonly images: readonly TestImage[];
  readonly platform?: TestPlatform;
}

/** A platform as it stands in JSON. */
export interface TestPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

const OCI = "application/vnd.oci.image.";
const DOCKER = "application/vnd.docker.";

/** Media types of a family, by role. */
export const MEDIA_TYPES = {
  oci: {
    manifest: `${OCI}manifest.v1+json`,
    index: `${OCI}index.v1+json`,
    config: `${OCI}config.v1+json`,
    layer: {
      gzip: `${OCI}layer.v1.tar+gzip`,
      zstd: `${OCI}layer.v1.tar+zstd`,
      none: `${OCI}layer.v1.tar`,
    },
  },
  docker: {
    manifest: `${DOCKER}distribution.manifest.v2+json`,
    index: `${DOCKER}distribution.manifest.list.v2+json`,
    config: `${DOCKER}container.image.v1+json`,
    layer: {
      gzip: `${DOCKER}image.rootfs.diff.tar.gzip`,
      zstd: `${DOCKER}image.rootfs.diff.tar.zstd`,
      none: `${DOCKER}image.rootfs.diff.tar`,
    },
  },
} as const;

/** Bytes with a right descriptor; `more` adds or overrides fields. */
export function buildBlob(
  bytes: Uint8Array<ArrayBuffer>,
  mediaType: string,
  more: Readonly<Record<string, unknown>> = {},
  algorithm: "sha256" | "sha512" = "sha256",
): TestBlob {
  const digest = digestOf(bytes, algorithm);
  return {
    bytes,
    descriptor: { mediaType, digest, size: bytes.length, ...more },
  };
}

/** Each digest once. */
export function distinct<T extends TestBlob>(blobs: readonly T[]): T[] {
  return [
    ...new Map(blobs.map((blob) => [blob.descriptor.digest, blob])).values(),
  ];
}

/** For escape hatches that are not used. */
export function same<T>(value: T): T {
  return value;
}
