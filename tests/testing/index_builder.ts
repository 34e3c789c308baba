import { buildImage, type ImageOptions } from "./image_builder.ts";
import { digestOf, jsonBytes } from "./test_bytes.ts";
import {
  buildBlob,
  distinct,
  type Flavor,
  MEDIA_TYPES,
  same,
  type TestDescriptor,
  type TestImage,
  type TestLayer,
  type TestPlatform,
} from "./test_image.ts";

/** How an index is made. */
export interface IndexOptions {
  /** Default: `oci`. */
  readonly flavor?: Flavor;
  /** Adds an `unknown/unknown` attestation manifest per image, as buildkit does. Default: false. */
  readonly attestations?: boolean;
  /** Escape hatch: merged into the index document. */
  readonly index?: Readonly<Record<string, unknown>>;
  /** Escape hatch: changes an entry. */
  readonly entry?: (descriptor: TestDescriptor, position: number) => unknown;
}

/** Makes an index (or manifest list) of images. */
export function buildIndex(
  images: readonly TestImage[],
  options: IndexOptions = {},
): TestImage {
  const { flavor = "oci" } = options;
  const attestations = options.attestations === true
    ? images.map(buildAttestation)
    : [];
  const entries = [
    ...images.map((image) => ({
      ...image.root.descriptor,
      platform: image.platform,
    })),
    ...attestations.map((attestation, position) => ({
      ...attestation.root.descriptor,
      platform: { os: "unknown", architecture: "unknown" },
      annotations: {
        "vnd.docker.reference.digest": images[position]?.root.descriptor.digest,
        "vnd.docker.reference.type": "attestation-manifest",
      },
    })),
  ];
  const root = buildBlob(
    jsonBytes({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES[flavor].index,
      manifests: entries.map(options.entry ?? same),
      ...options.index,
    }),
    MEDIA_TYPES[flavor].index,
  );
  const all = [...images, ...attestations];
  const first = images[0] ?? buildImage();
  return {
    root,
    documents: distinct([root, ...all.flatMap((image) => image.documents)]),
    blobs: distinct(all.flatMap((image) => image.blobs)),
    config: first.config,
    layers: first.layers,
    images,
  };
}

/** Makes an image for each platform, with layers of its own, and an index over them. */
export function buildMultiPlatform(
  platforms: readonly TestPlatform[],
  options: ImageOptions & IndexOptions = {},
): TestImage {
  const images = platforms.map((platform, position) => {
    const name = `${platform.os}/${platform.architecture}/${
      platform.variant ?? ""
    }`;
    const own = {
      files: { "etc/platform": `${name}\n` },
      seed: 1000 + position,
    };
    return buildImage({
      ...options,
      platform,
      layers: [...options.layers ?? [], own],
    });
  });
  return buildIndex(images, options);
}

function buildAttestation(image: TestImage): TestImage {
  const predicate = jsonBytes({
    _type: "in-toto",
    subject: image.root.descriptor.digest,
  });
  const layer: TestLayer = {
    ...buildBlob(predicate, "application/vnd.in-toto+json"),
    diffId: digestOf(predicate),
  };
  return buildImage({
    layers: [layer],
    platform: { os: "unknown", architecture: "unknown" },
  });
}
