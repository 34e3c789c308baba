/**
 * `deno task bench [--runs N] [--only TEXT] [--json FILE] [--work DIR]`: dray beside the tools that are installed, on one
 * registry and one disk, in interleaved runs. What counts is the ratio within a run, never the seconds.
 */
import { parseArgs } from "node:util";
import { ensurePeers } from "./peers.ts";
import { BENCH_CASES, type BenchCase, type Front } from "./cases.ts";
import { ensureImage } from "./images.ts";
import { measure, type Measurement } from "./measure.ts";
import { benchHandOver } from "./hand_over.ts";
import { benchResume } from "./resume.ts";
import { benchStartup } from "./startup.ts";
import { benchStore, STORE_CASES } from "./store.ts";
import { renderTable, type Row, summarize } from "./report.ts";
import {
  type BenchServer,
  startCappedFront,
  startFarFront,
  startRegistry,
} from "./servers.ts";
import { benchUnpack } from "./unpack.ts";
import { findTools, type Target, type Tool } from "./tools.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "5" },
      only: { type: "string", default: "" },
      json: { type: "string" },
      work: { type: "string", default: "/var/tmp/dray-bench" },
    },
  });
  await ensurePeers();
  await Deno.mkdir(`${values.work}/scratch`, { recursive: true });
  await using registry = await startRegistry(values.work);
  const tools = await findTools(`${values.work}/scratch`);
  const runs = Number(values.runs);
  const parts: readonly (readonly [string, () => Promise<readonly Row[]>])[] = [
    ["start-up", () => benchStartup(runs)],
    ...BENCH_CASES.map((bench) =>
      [
        bench.name,
        () => runCase(bench, tools, registry, values.work, runs),
      ] as const
    ),
    ...STORE_CASES.map(([name, bench]) =>
      [name, () => benchStore(bench, runs, values.work)] as const
    ),
    ["resume", () => benchResume(registry, values.work, runs)],
    ["unpack", () => benchUnpack(values.work, runs)],
    ["hand over", () => benchHandOver(values.work, runs)],
  ];
  const rows: Row[] = [];
  for (const [name, run] of parts) {
    if (!name.includes(values.only)) continue;
    const added = await run();
    rows.push(...added);
    console.error(renderTable(added) + "\n");
  }
  console.log(renderTable(rows));
  if (values.json !== undefined) {
    await Deno.writeTextFile(values.json, JSON.stringify(rows, null, 2) + "\n");
  }
}

async function runCase(
  bench: BenchCase,
  tools: readonly Tool[],
  registry: BenchServer,
  work: string,
  runs: number,
): Promise<readonly Row[]> {
  const bytes = await ensureImage(
    `http://127.0.0.1:${registry.port}`,
    bench.image,
  );
  await using front = await startFront(bench.front, registry, work);
  const target = await findTarget(front?.port ?? registry.port, bench, work);
  const isOneLayer = bench.front.kind === "direct" && bench.image.layers === 1;
  const chosen = tools.filter((tool) =>
    (isOneLayer || !tool.isFloor) &&
    (bench.synced === "both" || !tool.syncs || tool.name.startsWith("skopeo"))
  );
  const results = new Map<Tool, Measurement[]>(
    chosen.map((tool) => [tool, []]),
  );
  for (let run = 0; run < runs; run++) {
    for (const tool of chosen) {
      results.get(tool)?.push(await runTool(tool, target));
    }
  }
  return compare(bench, results, bytes);
}

async function runTool(tool: Tool, target: Target): Promise<Measurement> {
  const folder = await Deno.makeTempDir({
    dir: tool.scratch,
    prefix: "dray-bench-",
  });
  try {
    await using _running = await tool.prepare?.(folder);
    return await measure(tool.pull(target, `${folder}/image`));
  } finally {
    await Deno.remove(folder, { recursive: true });
    // What one tool left to write back must not slow the next one down.
    await new Deno.Command("sync").output();
  }
}

function compare(
  bench: BenchCase,
  results: ReadonlyMap<Tool, readonly Measurement[]>,
  bytes: number,
): readonly Row[] {
  const rows = [...results].map(([tool, runs]) => ({
    tool,
    row: {
      caseName: bench.name,
      tool: tool.name,
      ...summarize(runs, bytes),
    },
  }));
  return rows.map(({ tool, row }) => {
    if (!tool.name.startsWith("dray")) return row;
    const peers = rows.filter((other) =>
      other.tool.verifies && !other.tool.name.startsWith("dray") &&
      (other.tool.syncs === tool.syncs || bench.synced === "unsynced")
    ).sort((a, b) => a.row.wallMs - b.row.wallMs);
    const fastest = peers[0];
    const goal = tool.syncs ? bench.goal.synced : bench.goal.unsynced;
    return {
      ...row,
      ...(fastest && {
        ratio: row.wallMs / fastest.row.wallMs,
        against: fastest.row.tool,
      }),
      ...(goal !== undefined && { goal }),
    };
  });
}

async function startFront(
  front: Front,
  registry: BenchServer,
  work: string,
): Promise<BenchServer | undefined> {
  switch (front.kind) {
    case "direct":
      return undefined;
    case "capped":
      return await startCappedFront(work, registry, front.bytesPerSecond);
    case "far":
      return await startFarFront(registry, front.roundTripMs);
  }
}

async function findTarget(
  port: number,
  bench: BenchCase,
  work: string,
): Promise<Target> {
  const origin = `http://127.0.0.1:${port}/v2/${bench.image.repository}`;
  const answer = await fetch(`${origin}/manifests/latest`, {
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  const manifest: { layers: { digest: string }[] } = await answer.json();
  return {
    reference: `127.0.0.1:${port}/${bench.image.repository}:latest`,
    layerUrls: manifest.layers.map(({ digest }) => `${origin}/blobs/${digest}`),
    layerFiles: manifest.layers.map(({ digest }) => {
      const hex = digest.replace("sha256:", "");
      const blobs = `${work}/data/docker/registry/v2/blobs/sha256`;
      return `${blobs}/${hex.slice(0, 2)}/${hex}/data`;
    }),
  };
}

if (import.meta.main) await main();
