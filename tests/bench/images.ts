import { createHash, randomFillSync } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** An image of the bench: so many layers of so many incompressible bytes each. */
export interface BenchImage {
  readonly repository: string;
  readonly layers: number;
  readonly layerBytes: number;
}

const MIB = 1024 * 1024;

/** Every image that a case pulls, by name. */
export const BENCH_IMAGES = {
  one1g: { repository: "bench/one-1g", layers: 1, layerBytes: 1024 * MIB },
  one256m: { repository: "bench/one-256m", layers: 1, layerBytes: 256 * MIB },
  eight128m: {
    repository: "bench/eight-128m",
    layers: 8,
    layerBytes: 128 * MIB,
  },
  hundred1m: { repository: "bench/hundred-1m", layers: 100, layerBytes: MIB },
  forty256k: {
    repository: "bench/forty-256k",
    layers: 40,
    layerBytes: 256 * 1024,
  },
  small: { repository: "bench/small", layers: 1, layerBytes: 3.5 * MIB },
} as const satisfies Record<string, BenchImage>;

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

/**
 * Makes an image and pushes it as `repository:latest`, unless the registry
 * has it from an earlier run of the bench.
 *
 * @param origin such as `http://127.0.0.1:5000`.
 * @returns bytes of all layers as they are transferred.
 */
export async function ensureImage(
  origin: string,
  image: BenchImage,
): Promise<number> {
  const manifestUrl = `${origin}/v2/${image.repository}/manifests/latest`;
  const found = await fetch(manifestUrl, {
    headers: { accept: MANIFEST_TYPE },
  });
  if (found.ok) {
    const manifest: { layers: { size: number }[] } = await found.json();
    return manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  }
  await found.body?.cancel();
  return await pushImage(origin, image, manifestUrl);
}

async function pushImage(
  origin: string,
  image: BenchImage,
  manifestUrl: string,
): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "dray-bench-image-" });
  try {
    const layers = [];
    const diffIds = [];
    for (let index = 0; index < image.layers; index++) {
      const layer = await makeLayer(folder, image.layerBytes);
      await putBlob(origin, image.repository, layer.digest, layer.path);
      layers.push({
        mediaType: LAYER_TYPE,
        digest: layer.digest,
        size: layer.size,
      });
      diffIds.push(layer.diffId);
    }
    const config = new TextEncoder().encode(JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Cmd: ["/bin/true"] },
      rootfs: { type: "layers", diff_ids: diffIds },
    }));
    const configPath = `${folder}/config.json`;
    await Deno.writeFile(configPath, config);
    const digest = sha256(config);
    await putBlob(origin, image.repository, digest, configPath);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: CONFIG_TYPE, digest, size: config.length },
      layers,
    });
    await expectStatus(
      201,
      fetch(manifestUrl, {
        method: "PUT",
        headers: { "content-type": MANIFEST_TYPE },
        body: manifest,
      }),
    );
    return layers.reduce((sum, layer) => sum + layer.size, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Layer {
  readonly path: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
}

/** A real layer: a tar with one file of random bytes, in gzip of level 0 since it would not shrink. */
async function makeLayer(folder: string, bytes: number): Promise<Layer> {
  const data = `${folder}/data.bin`;
  const tar = `${folder}/layer.tar`;
  const path = `${folder}/layer.tar.gz`;
  await writeRandom(data, bytes);
  const packed = await new Deno.Command("tar", {
    args: ["-C", folder, "-cf", tar, "data.bin"],
  }).output();
  if (!packed.success) throw new Error("tar cannot make a layer");
  const diff = createHash("sha256");
  const whole = createHash("sha256");
  await pipeline(
    createReadStream(tar, { highWaterMark: MIB }),
    async function* (source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) {
        diff.update(chunk);
        yield chunk;
      }
    },
    createGzip({ level: 0, chunkSize: 256 * 1024 }),
    async function* (source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) {
        whole.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path),
  );
  return {
    path,
    digest: `sha256:${whole.digest("hex")}`,
    diffId: `sha256:${diff.digest("hex")}`,
    size: (await Deno.stat(path)).size,
  };
}

async function writeRandom(path: string, bytes: number): Promise<void> {
  using file = await Deno.open(path, {
    write: true,
    create: true,
    truncate: true,
  });
  const block = new Uint8Array(MIB);
  for (let left = bytes; left > 0; left -= block.length) {
    randomFillSync(block);
    file.writeSync(left < block.length ? block.subarray(0, left) : block);
  }
}

async function putBlob(
  origin: string,
  repository: string,
  digest: string,
  path: string,
): Promise<void> {
  const started = await expectStatus(
    202,
    fetch(`${origin}/v2/${repository}/blobs/uploads/`, { method: "POST" }),
  );
  const upload = new URL(started.headers.get("location") ?? "", origin);
  upload.searchParams.set("digest", digest);
  const file = await Deno.open(path);
  const size = (await file.stat()).size;
  await expectStatus(
    201,
    fetch(upload, {
      method: "PUT",
      headers: {
        "content-type": "application/octet-stream",
        "content-length": `${size}`,
      },
      body: file.readable,
    }),
  );
}

async function expectStatus(
  status: number,
  answer: Promise<Response>,
): Promise<Response> {
  const response = await answer;
  const body = await response.text();
  if (response.status !== status) {
    throw new Error(
      `The registry answered ${response.status}, not ${status}: ${
        body.slice(0, 300)
      }`,
    );
  }
  return response;
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
