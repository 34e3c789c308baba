import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createGzip, createZstdCompress } from "node:zlib";
import { parseImageConfig } from "../../src/spec/config.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import type { Digest } from "../../src/spec/digest.ts";
import { parseDocument } from "../../src/spec/manifest.ts";
import { Store } from "../../src/store/store.ts";
import { tarHeader, tarPadding } from "../../src/tar/tar_header.ts";

/** An image to unpack: so many layers of so many files each. */
export interface UnpackImage {
  readonly name: string;
  readonly layers: number;
  readonly files: number;
  /** Bytes of all files of one layer. */
  readonly layerBytes: number;
  readonly compression: "gzip" | "zstd";
}

/** Where an image is, for each tool. */
export interface StoredUnpackImage {
  /** dray's store. */
  readonly store: string;
  /** An OCI layout with the tag `latest`, for umoci. */
  readonly layout: string;
  /** The layers as files, lowest first, for tar. */
  readonly layers: readonly string[];
  /** Uncompressed. */
  readonly bytes: number;
}

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

/** Makes an image below a folder, unless it is there from an earlier run of the bench. */
export async function ensureUnpackImage(
  folder: string,
  image: UnpackImage,
): Promise<StoredUnpackImage> {
  const base = `${folder}/${image.name}`;
  const done = `${base}/done.json`;
  try {
    return JSON.parse(await Deno.readTextFile(done));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await Deno.remove(base, { recursive: true }).catch(() => undefined);
  await Deno.mkdir(`${base}/layout`, { recursive: true });
  const layers = [];
  for (let index = 0; index < image.layers; index++) {
    layers.push(await makeLayer(`${base}/layer-${index}`, image, index));
  }
  const manifest = await fillStore(`${base}/store`, image, layers);
  await writeLayout(`${base}/layout`, `${base}/store`, manifest);
  const stored: StoredUnpackImage = {
    store: `${base}/store`,
    layout: `${base}/layout`,
    layers: layers.map(({ path }) => path),
    bytes: image.layers * image.layerBytes,
  };
  await Deno.writeTextFile(done, JSON.stringify(stored));
  return stored;
}

interface Layer {
  readonly path: string;
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

async function makeLayer(
  path: string,
  image: UnpackImage,
  layer: number,
): Promise<Layer> {
  const diff = createHash("sha256");
  const whole = createHash("sha256");
  const packer = image.compression === "gzip"
    ? createGzip({ level: 3 })
    : createZstdCompress();
  const file = createWriteStream(path);
  packer.on("data", (chunk) => whole.update(chunk));
  packer.pipe(file);
  for (const piece of tarPieces(image, layer)) {
    diff.update(piece);
    if (!packer.write(piece)) await once(packer, "drain");
  }
  packer.end();
  await once(file, "close");
  const size = (await Deno.stat(path)).size;
  const mediaType = `${LAYER_TYPE}+${image.compression}`;
  return {
    path,
    descriptor: { mediaType, digest: `sha256:${whole.digest("hex")}`, size },
    diffId: `sha256:${diff.digest("hex")}`,
  };
}

/** Hexadecimal digits of random bytes: they shrink to a little more than half, as programs do. */
function* tarPieces(
  { files, layerBytes }: UnpackImage,
  layer: number,
): Generator<Uint8Array> {
  const size = Math.floor(layerBytes / files);
  const encoder = new TextEncoder();
  const random = new Uint8Array(1 << 15);
  for (let index = 0; index < files; index++) {
    const path = `usr/lib/d${index % 100}/s${index % 7}/l${layer}-${index}`;
    yield tarHeader({ path, size, mtime: 1_700_000_000 + index });
    for (let left = size; left > 0;) {
      const digits = crypto.getRandomValues(random).toHex();
      const piece = encoder.encode(digits.slice(0, left));
      left -= piece.length;
      yield piece;
    }
    yield new Uint8Array(tarPadding(size));
  }
  yield new Uint8Array(1024);
}

async function fillStore(
  dir: string,
  image: UnpackImage,
  layers: readonly Layer[],
): Promise<Descriptor> {
  await using store = await Store.open(dir, { sync: false });
  for (const { path, descriptor } of layers) {
    await store.putBlob(descriptor, await Deno.readFile(path));
  }
  const config = jsonBlob(CONFIG_TYPE, {
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifest = jsonBlob(MANIFEST_TYPE, {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  });
  for (const { descriptor, bytes } of [config, manifest]) {
    await store.putBlob(descriptor, bytes);
  }
  const { descriptor } = manifest;
  const document = parseDocument(manifest.bytes, { descriptor });
  const parsed = parseImageConfig(config.bytes);
  await store.recordImage({
    reference: `bench.example/${image.name}:latest`,
    root: descriptor,
    documents: [{
      document,
      config: { descriptor: config.descriptor, config: parsed },
    }],
  });
  return descriptor;
}

async function writeLayout(
  layout: string,
  store: string,
  manifest: Descriptor,
): Promise<void> {
  const annotations = { "org.opencontainers.image.ref.name": "latest" };
  await Deno.symlink(`${store}/blobs`, `${layout}/blobs`);
  await Deno.copyFile(`${store}/oci-layout`, `${layout}/oci-layout`);
  await Deno.writeTextFile(
    `${layout}/index.json`,
    JSON.stringify({
      schemaVersion: 2,
      manifests: [{ ...manifest, annotations }],
    }),
  );
}

function jsonBlob(
  mediaType: string,
  value: unknown,
): { descriptor: Descriptor; bytes: Uint8Array<ArrayBuffer> } {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const digest: Digest = `sha256:${
    createHash("sha256").update(bytes).digest("hex")
  }`;
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}
