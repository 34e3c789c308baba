import { hashBytes } from "../../src/io/hash.ts";
import { parseImageConfig } from "../../src/spec/config.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import { parseDocument } from "../../src/spec/manifest.ts";
import { Database } from "../../src/store/database.ts";
import type { ImageRecord } from "../../src/store/image_record.ts";
import { recordImageRows } from "../../src/store/record_image.ts";
import { Store } from "../../src/store/store.ts";

/** As many as a build farm's machine may have. */
export const IMAGES = 10_000;
/** Of each image. */
export const LAYERS = 20;
/** Of these, as many are a base that a hundred images have in common. */
const BASE_LAYERS = 5;

const encoder = new TextEncoder();
const OCI = "application/vnd.oci.image";

/**
 * Fills a store with images whose blobs are empty files: what is measured looks at names.
 *
 * @returns the size of the database, in bytes.
 */
export async function fillStore(dir: string): Promise<number> {
  await (await Store.open(dir, { sync: false }))[Symbol.asyncDispose]();
  const pulledAt = new Date().toISOString();
  {
    using database = Database.open(`${dir}/oci.db`, { sync: false });
    for (let number = 0; number < IMAGES; number++) {
      const record = makeRecord(number);
      recordImageRows(database, record, pulledAt);
      makeFiles(dir, record);
    }
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  await (await Store.open(dir, { sync: false }))[Symbol.asyncDispose]();
  return (await Deno.stat(`${dir}/oci.db`)).size;
}

function makeRecord(number: number): ImageRecord {
  const layers = Array.from({ length: LAYERS }, (_, position) =>
    describe(
      position < BASE_LAYERS
        ? `base ${Math.floor(number / 100)} ${position}`
        : `own ${number} ${position}`,
      `${OCI}.layer.v1.tar+gzip`,
    ));
  const configBytes = encoder.encode(JSON.stringify({
    created: "2026-01-02T03:04:05Z",
    os: "linux",
    architecture: "amd64",
    config: { Env: ["PATH=/usr/bin:/bin"], Cmd: ["/bin/sh"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map((_, position) => ({
      created: "2026-01-02T03:04:05Z",
      created_by: `RUN /bin/sh -c apt-get install package-${position}`,
    })),
    author: `${number}`,
  }));
  const config = describe(configBytes, `${OCI}.config.v1+json`);
  const bytes = encoder.encode(JSON.stringify({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config,
    layers,
  }));
  const root = describe(bytes, `${OCI}.manifest.v1+json`);
  return {
    reference: `registry.example/team-${number % 100}/app-${number}:1`,
    root,
    documents: [{
      document: parseDocument(bytes, { descriptor: root }),
      config: { descriptor: config, config: parseImageConfig(configBytes) },
    }],
  };
}

function describe(content: string | Uint8Array, mediaType: string): Descriptor {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  return { mediaType, digest: hashBytes("sha256", bytes), size: bytes.length };
}

function makeFiles(dir: string, { documents, root }: ImageRecord): void {
  const [recorded] = documents;
  if (recorded?.document.kind !== "manifest") return;
  const { config, layers } = recorded.document.manifest;
  for (const { digest } of [root, config, ...layers]) {
    Deno.openSync(`${dir}/blobs/${digest.replace(":", "/")}`, {
      create: true,
      write: true,
    }).close();
  }
}
