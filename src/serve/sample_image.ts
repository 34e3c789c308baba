import { gzipSync } from "node:zlib";
import { hashBytes } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import {
  OCI_CONFIG,
  OCI_INDEX,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
} from "../spec/media_type.ts";
import { type TarEntry, writeTar } from "../tar/write_tar.ts";
import type { MemoryImage } from "./memory_source.ts";
import type { ServedDocument } from "./registry_source.ts";

/** Options of {@linkcode createSampleImage}. */
export interface SampleImageOptions {
  /** Bytes of its largest layer, of noise that no compression shrinks. Default: 4 MiB. */
  readonly noiseBytes?: number;
}

interface SampleLayer extends ServedDocument {
  readonly diffId: Digest;
  readonly createdBy: string;
}

interface SamplePlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const PLATFORMS: readonly SamplePlatform[] = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64" },
  { os: "linux", architecture: "arm", variant: "v7" },
];
/** 2026-01-01: fixed, so that every run makes the same digests. */
const CREATED_S = 1_767_225_600;
const CREATED = new Date(CREATED_S * 1000).toISOString();
const DEFAULT_NOISE_BYTES = 4 * 1024 * 1024;
const encoder = new TextEncoder();

/**
 * Makes a small image for three platforms: two layers that they share, one of
 * them large enough for progress to be seen, and one of each platform's own. It
 * takes some tens of milliseconds and is the same each time.
 */
export function createSampleImage(
  options: SampleImageOptions = {},
): MemoryImage {
  const { noiseBytes = DEFAULT_NOISE_BYTES } = options;
  const shared = [baseLayer(), noiseLayer(noiseBytes)];
  const images = PLATFORMS.map((platform) => sampleManifest(platform, shared));
  const root = jsonDocument(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: images.map(({ manifest, platform }) => ({
      ...manifest.descriptor,
      platform,
    })),
    annotations: { "org.opencontainers.image.title": "dray sample" },
  });
  return {
    root,
    documents: [root, ...images.map(({ manifest }) => manifest)],
    blobs: [
      ...shared,
      ...images.flatMap(({ config, layer }) => [config, layer]),
    ],
  };
}

function sampleManifest(
  platform: SamplePlatform,
  shared: readonly SampleLayer[],
) {
  const layer = platformLayer(platform);
  const layers = [...shared, layer];
  const config = jsonDocument(OCI_CONFIG, sampleConfig(platform, layers));
  const manifest = jsonDocument(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  });
  return { platform, layer, config, manifest };
}

function sampleConfig(
  platform: SamplePlatform,
  layers: readonly SampleLayer[],
): Record<string, unknown> {
  return {
    created: CREATED,
    author: "dray demo",
    ...platform,
    config: {
      Env: ["PATH=/usr/local/bin:/usr/bin:/bin"],
      Cmd: ["/usr/bin/hello"],
      WorkingDir: "/",
      Labels: { "org.opencontainers.image.title": "dray sample" },
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ createdBy }) => ({
      created: CREATED,
      created_by: createdBy,
    })),
  };
}

function baseLayer(): SampleLayer {
  const release = 'NAME="dray sample"\nID=dray-sample\nVERSION_ID=1\n' +
    'PRETTY_NAME="dray sample image"\n';
  return sampleLayer("base files", [
    { path: "etc", type: "directory" },
    { path: "etc/os-release", content: release },
    { path: "usr", type: "directory" },
    { path: "usr/bin", type: "directory" },
    { path: "usr/lib", type: "directory" },
    {
      path: "usr/lib/os-release",
      type: "symlink",
      linkPath: "../../etc/os-release",
    },
  ]);
}

function noiseLayer(size: number): SampleLayer {
  return sampleLayer(
    "noise, to watch on its way",
    [{ path: "usr/lib/noise.bin", content: noise(size) }],
    { stored: true },
  );
}

function platformLayer(platform: SamplePlatform): SampleLayer {
  const { os, architecture, variant } = platform;
  const name = [os, architecture, variant].filter(Boolean).join("/");
  const script = `#!/bin/sh\necho "Hello from dray, on ${name}"\n`;
  return sampleLayer(`hello for ${name}`, [
    { path: "usr/bin/hello", mode: 0o755, content: script },
  ]);
}

function sampleLayer(
  createdBy: string,
  entries: readonly TarEntry[],
  options: { readonly stored?: boolean } = {},
): SampleLayer {
  const tar = writeTar(
    entries.map((entry) => ({ mtime: CREATED_S, ...entry })),
  );
  const level = options.stored === true ? 0 : 9; // Deflating noise takes long and gains nothing.
  const bytes = new Uint8Array(gzipSync(tar, { level }));
  bytes[9] = 0xff; // "Operating system: unknown", or digests would differ from one to another.
  return {
    ...describe(OCI_LAYER_GZIP, bytes),
    diffId: hashBytes("sha256", tar),
    createdBy,
  };
}

/** xorshift32 (Marsaglia): fast, and the same everywhere. */
function noise(size: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = 0x9e3779b9;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, size);
}

function jsonDocument(mediaType: string, value: unknown): ServedDocument {
  return describe(mediaType, encoder.encode(JSON.stringify(value)));
}

function describe(
  mediaType: string,
  bytes: Uint8Array<ArrayBuffer>,
): ServedDocument & { readonly descriptor: Descriptor } {
  const digest = hashBytes("sha256", bytes);
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}
