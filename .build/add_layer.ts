import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { hashBytes } from "../src/io/hash.ts";
import { OCI_LAYER_GZIP } from "../src/spec/media_type.ts";

/** A layer, and what it makes of the image. */
export interface AddedLayer {
  /** Uncompressed. */
  readonly archive: Uint8Array<ArrayBuffer>;
  /** How hard gzip tries. */
  readonly level: number;
  /** What the history says. */
  readonly createdBy: string;
  /** What runs. Its default arguments are none. */
  readonly entrypoint: readonly string[];
  /** `NAME=value` each, after the image's own. */
  readonly env: readonly string[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What of a document is changed; the rest is kept as it is. */
interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Config {
  readonly config?: { readonly Env?: readonly string[] };
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly history?: readonly unknown[];
}

/** Puts a layer on the only image of an OCI layout, which then has the new one, without a
 * name, in its place. */
export async function addLayer(
  layout: string,
  added: AddedLayer,
): Promise<void> {
  const index = await readJson<{ manifests: [Descriptor] }>(
    `${layout}/index.json`,
  );
  const [root] = index.manifests;
  const manifest = await readJson<Manifest>(blobPath(layout, root.digest));
  const config = await readJson<Config>(
    blobPath(layout, manifest.config.digest),
  );
  const layer = await promisify(gzip)(added.archive, {
    level: added.level,
  });
  const next = {
    ...manifest,
    config: {
      ...manifest.config,
      ...await writeBlob(layout, encode(changeConfig(config, added))),
    },
    layers: [
      ...manifest.layers,
      { mediaType: OCI_LAYER_GZIP, ...await writeBlob(layout, layer) },
    ],
  };
  const descriptor = {
    mediaType: root.mediaType,
    ...await writeBlob(layout, encode(next)),
  };
  await Deno.writeFile(
    `${layout}/index.json`,
    encode({ ...index, manifests: [descriptor] }),
  );
}

/** Without a time of its own: the same parts give the same image. */
function changeConfig(config: Config, added: AddedLayer): Config {
  const { archive, createdBy, entrypoint, env } = added;
  return {
    ...config,
    config: {
      ...config.config,
      Env: [...config.config?.Env ?? [], ...env],
      ...{ Entrypoint: entrypoint, Cmd: [] },
    },
    rootfs: {
      ...config.rootfs,
      diff_ids: [...config.rootfs.diff_ids, hashBytes("sha256", archive)],
    },
    history: [...config.history ?? [], { created_by: createdBy }],
  };
}

async function writeBlob(
  layout: string,
  bytes: Uint8Array,
): Promise<{ readonly digest: string; readonly size: number }> {
  const digest = hashBytes("sha256", bytes);
  await Deno.writeFile(blobPath(layout, digest), bytes);
  return { digest, size: bytes.length };
}

function blobPath(layout: string, digest: string): string {
  return `${layout}/blobs/${digest.replace(":", "/")}`;
}

/** Sound: dray itself has checked and written what is read here. */
async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(path)) as T;
}

function encode(document: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document));
}
