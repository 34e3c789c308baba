import { buildLayer, type LayerOptions } from "./layer_builder.ts";
import { digestOf, jsonBytes } from "./test_bytes.ts";
import {
  buildBlob,
  distinct,
  type Flavor,
  MEDIA_TYPES,
  same,
  type TestBlob,
  type TestDescriptor,
  type TestImage,
  type TestLayer,
  type TestPlatform,
} from "./test_image.ts";

// The kit's one door to images of every kind.
export {
  buildIndex,
  buildMultiPlatform,
  type IndexOptions,
} from "./index_builder.ts";
export { buildLayer, type LayerOptions } from "./layer_builder.ts";
export {
  buildBlob,
  type Flavor,
  MEDIA_TYPES,
  type TestBlob,
  type TestDescriptor,
  type TestImage,
  type TestLayer,
  type TestPlatform,
} from "./test_image.ts";

/** How an image is made, and how it is made wrong. */
export interface ImageOptions {
  /** Default: `oci`. */
  readonly flavor?: Flavor;
  /** Default: one small layer. Ready layers are taken as they are. */
  readonly layers?: readonly (LayerOptions | TestLayer)[];
  /** Default: linux/amd64. */
  readonly platform?: TestPlatform;
  /** Merged into the config document (`config`, `created`, …). */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Escape hatch: instead of the layers' right diff_ids. */
  readonly diffIds?: readonly string[];
  /** Escape hatch: merged into the manifest document, over the right fields; undefined drops a field. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Escape hatch: changes a layer's descriptor in the manifest. */
  readonly layerDescriptor?: (
    descriptor: TestDescriptor,
    index: number,
  ) => unknown;
  /** Escape hatch: changes the config's descriptor in the manifest. */
  readonly configDescriptor?: (descriptor: TestDescriptor) => unknown;
  /** Digest algorithm of everything. Default: sha256. */
  readonly algorithm?: "sha256" | "sha512";
}

/** Makes an image for one platform. */
export function buildImage(options: ImageOptions = {}): TestImage {
  const { flavor = "oci", algorithm = "sha256" } = options;
  const platform = options.platform ?? { os: "linux", architecture: "amd64" };
  const types = MEDIA_TYPES[flavor];
  const layers = (options.layers ?? [{}]).map((layer, position) =>
    "bytes" in layer
      ? layer
      : buildLayer({ flavor, seed: position + 1, ...layer }, algorithm)
  );
  const config = buildBlob(
    jsonBytes({
      created: "2026-01-02T03:04:05Z",
      ...platform,
      config: { Env: ["PATH=/usr/bin:/bin"], Cmd: ["/bin/sh"] },
      rootfs: {
        type: "layers",
        diff_ids: options.diffIds ?? layers.map((layer) => layer.diffId),
      },
      history: layers.map((_, position) => ({
        created_by: `layer ${position}`,
      })),
      ...options.config,
    }),
    types.config,
    {},
    algorithm,
  );
  const root = buildBlob(
    jsonBytes({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: (options.configDescriptor ?? same)(config.descriptor),
      layers: layers.map((layer, position) =>
        (options.layerDescriptor ?? same)(layer.descriptor, position)
      ),
      ...options.manifest,
    }),
    types.manifest,
    {},
    algorithm,
  );
  return imageOf(root, config, layers, platform);
}

/** Makes an artifact: a manifest whose config is no image config (OCI manifest.md). */
export function buildArtifact(
  files: Readonly<Record<string, string>>,
  options: {
    readonly artifactType?: string;
    readonly subject?: TestDescriptor;
  } = {},
): TestImage {
  const artifactType = options.artifactType ??
    "application/vnd.example.thing.v1";
  const layers = Object.entries(files).map(([title, text]) => {
    const bytes = new TextEncoder().encode(text);
    const annotations = { "org.opencontainers.image.title": title };
    return {
      ...buildBlob(bytes, "text/plain", { annotations }),
      diffId: digestOf(bytes),
    };
  });
  const config = buildBlob(jsonBytes({}), "application/vnd.oci.empty.v1+json");
  const root = buildBlob(
    jsonBytes({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.oci.manifest,
      artifactType,
      config: config.descriptor,
      layers: layers.map((layer) => layer.descriptor),
      ...options.subject === undefined ? {} : { subject: options.subject },
    }),
    MEDIA_TYPES.oci.manifest,
  );
  return imageOf(root, config, layers);
}

/** Wraps any bytes as a root document: for documents that no honest tool would make. */
export function buildRawDocument(
  bytes: Uint8Array<ArrayBuffer>,
  mediaType: string,
  image: TestImage = buildImage(),
): TestImage {
  const root = buildBlob(bytes, mediaType);
  return { ...image, root, documents: [root, ...image.documents] };
}

function imageOf(
  root: TestBlob,
  config: TestBlob,
  layers: readonly TestLayer[],
  platform?: TestPlatform,
): TestImage {
  const image = {
    root,
    config,
    layers,
    documents: [root],
    blobs: distinct<TestBlob>([config, ...layers]),
    ...platform === undefined ? {} : { platform },
    images: [] as TestImage[],
  };
  image.images.push(image);
  return image;
}
