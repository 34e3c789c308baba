import { DatabaseSync } from "node:sqlite";
import { prune, Store } from "../../src/mod.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { type BenchCommand, measure, median } from "./measure.ts";
import type { Row } from "./report.ts";
import { fillStore, IMAGES, LAYERS } from "./store_images.ts";
import { drayCommand } from "./tools.ts";

const GIB = 1024 ** 3;
const VERIFIED_BYTES = 2 * GIB;
const VERIFIED_BLOBS = 16;

/** One question about a store, asked of one in a folder of its own. */
export type StoreCase = (
  runs: number,
  dir: string,
) => Promise<readonly Row[]>;

/** What a store costs that stays: an image that is up to date, many images, and verifying. */
export const STORE_CASES: readonly (readonly [string, StoreCase])[] = [
  ["store, up to date", benchUpToDate],
  ["store, many images", benchMany],
  ["store, verify", benchVerify],
];

/** Runs one of them. */
export async function benchStore(
  bench: StoreCase,
  runs: number,
  work: string,
): Promise<readonly Row[]> {
  const dir = await Deno.makeTempDir({
    dir: work,
    prefix: "dray-bench-store-",
  });
  try {
    return await bench(runs, `${dir}/store`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function benchUpToDate(
  runs: number,
  dir: string,
): Promise<readonly Row[]> {
  const caseName = "up-to-date pull";
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "1", buildImage());
  const pull = drayCommand(["pull", "-q", `--store=${dir}`, reference]);
  await measure(pull);
  registry.clear();
  const { version, other } = await interleave(runs * 4, pull);
  // On loopback a look whether TLS is spoken comes first; it is no HTTP request.
  const requests =
    registry.requests.filter(({ path }) => path.startsWith("/v2/")).length /
    (runs * 4);
  return [
    { caseName, tool: "dray --version", runs: runs * 4, wallMs: version },
    {
      caseName,
      tool: `dray pull, ${requests} request`,
      runs: runs * 4,
      wallMs: other,
      ratio: other / version,
      against: "dray --version",
      goal: "≤ 1.5",
    },
  ];
}

/** Medians of `dray --version` and of another command, in turn. */
async function interleave(
  rounds: number,
  command: BenchCommand,
): Promise<{ readonly version: number; readonly other: number }> {
  const versions: number[] = [];
  const others: number[] = [];
  for (let round = 0; round < rounds; round++) {
    versions.push((await measure(drayCommand(["--version"]))).wallMs);
    others.push((await measure(command)).wallMs);
  }
  return { version: median(versions), other: median(others) };
}

async function benchMany(
  runs: number,
  dir: string,
): Promise<readonly Row[]> {
  const caseName = `${IMAGES} × ${LAYERS}`;
  const databaseBytes = await fillStore(dir);
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "1", buildImage());
  const pull = drayCommand(["pull", "-q", `--store=${dir}`, reference]);
  await measure(pull);
  const rows: Row[] = [{
    caseName,
    tool: "oci.db",
    runs: 1,
    wallMs: 0,
    note: `${Math.round(databaseBytes / IMAGES / LAYERS)} B a link`,
    goal: "< 1024 B",
  }];
  for (const name of ["images", "inspect", "rm"]) {
    const args = name === "images" ? [name] : [name, reference];
    const command = drayCommand([...args, `--store=${dir}`]);
    const times: number[] = [];
    const versions: number[] = [];
    for (let run = 0; run < runs; run++) {
      versions.push((await measure(drayCommand(["--version"]))).wallMs);
      times.push((await measure(command)).wallMs);
      if (name === "rm") await measure(pull);
    }
    const over = median(times) - median(versions);
    rows.push({
      caseName,
      tool: `dray ${name}`,
      runs,
      wallMs: median(times),
      note: `${over.toFixed(0)} ms over --version`,
      goal: "< 150 ms over",
    });
  }
  for (const count of [0, 1000, 2000, 4000]) {
    const ms = await timePrune(dir, count);
    rows.push({
      caseName,
      tool: `prune() of ${count}`,
      runs: 1,
      wallMs: ms,
      ...count > 0 && { note: `${(ms / count).toFixed(2)} ms an image` },
      goal: "linear",
    });
  }
  return rows;
}

async function timePrune(dir: string, count: number): Promise<number> {
  {
    using database = new DatabaseSync(`${dir}/oci.db`);
    database.exec("PRAGMA foreign_keys = ON");
    database.prepare(
      "DELETE FROM images WHERE reference IN (SELECT reference FROM images LIMIT ?)",
    ).run(count);
    database.exec("UPDATE layout_state SET changed = changed + 1");
  }
  await using store = await Store.open(dir);
  const startedAt = performance.now();
  await prune(store);
  return performance.now() - startedAt;
}

async function benchVerify(
  runs: number,
  dir: string,
): Promise<readonly Row[]> {
  const caseName = `verify ${VERIFIED_BYTES / GIB} GiB`;
  await fillBlobs(dir);
  const cores = navigator.hardwareConcurrency;
  const peer: BenchCommand = {
    command: "/bin/sh",
    args: ["-c", `ls ${dir}/blobs/sha256/* | xargs -n1 -P${cores} sha256sum`],
  };
  const dray = drayCommand(["verify", `--store=${dir}`, "--progress=none"]);
  const times = { peer: [] as number[], dray: [] as number[] };
  for (let run = 0; run < runs; run++) {
    times.peer.push((await measure(peer)).wallMs);
    times.dray.push((await measure(dray)).wallMs);
  }
  const wallMs = median(times.dray);
  const peerMs = median(times.peer);
  return [
    { caseName, tool: `sha256sum, ${cores} at once`, runs, wallMs: peerMs },
    {
      caseName,
      tool: "dray verify",
      runs,
      wallMs,
      ratio: wallMs / peerMs,
      against: "sha256sum",
      goal: "≤ 1.11",
    },
  ];
}

async function fillBlobs(dir: string): Promise<void> {
  await using store = await Store.open(dir, { sync: false });
  const size = VERIFIED_BYTES / VERIFIED_BLOBS;
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  for (let number = 0; number < VERIFIED_BLOBS; number++) {
    bytes[0] = number;
    const { hashBytes } = await import("../../src/io/hash.ts");
    await store.putBlob({ digest: hashBytes("sha256", bytes), size }, bytes);
  }
}
