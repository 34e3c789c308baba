import { mustRun } from "../testing/run_command.ts";
import { requirePeers } from "../testing/peers.ts";
import { type BenchCommand, measure, type Measurement } from "./measure.ts";
import { benchPullUnpack } from "./pull_unpack.ts";
import { type Row, summarize } from "./report.ts";
import { drayCommand } from "./tools.ts";
import {
  ensureUnpackImage,
  type StoredUnpackImage,
  type UnpackImage,
} from "./unpack_images.ts";

/** One row: an image, where it is unpacked to, and dray's time as a share of each peer's. */
interface UnpackCase {
  readonly name: string;
  readonly image: UnpackImage;
  readonly place: "tmpfs" | "disk";
  /** The goal, by peer; only these are run. */
  readonly goals: Readonly<Partial<Record<"tar" | "umoci", string>>>;
}

const MIB = 1024 ** 2;
const many: UnpackImage = {
  name: "many-files",
  layers: 1,
  files: 20_000,
  layerBytes: 200_000_000,
  compression: "gzip",
};
const few = { layers: 1, files: 8, layerBytes: 1024 * MIB } as const;

const CASES: readonly UnpackCase[] = [
  {
    name: "unpack 20,000 files, 200 MB, tmpfs",
    image: many,
    place: "tmpfs",
    goals: { tar: "≤ 0.75", umoci: "≤ 0.25" },
  },
  {
    name: "unpack 20,000 files, 200 MB, disk",
    image: many,
    place: "disk",
    goals: { tar: "≤ 1.1", umoci: "" },
  },
  {
    name: "unpack 1 GiB in 8 files, gzip",
    image: { ...few, name: "few-gzip", compression: "gzip" },
    place: "tmpfs",
    goals: { tar: "≤ 1" },
  },
  {
    name: "unpack 1 GiB in 8 files, zstd",
    image: { ...few, name: "few-zstd", compression: "zstd" },
    place: "tmpfs",
    goals: { tar: "≤ 1" },
  },
  {
    name: "unpack 8 layers of 2,500 files, tmpfs",
    image: {
      name: "eight-layers",
      layers: 8,
      files: 2500,
      layerBytes: 25_000_000,
      compression: "gzip",
    },
    place: "tmpfs",
    goals: { umoci: "≤ 0.2" },
  },
];

/**
 * Unpacks images that are in the store, beside tar and umoci, in interleaved runs. Needs root,
 * for a tmpfs of its own (Deno permits nothing below /dev) and for owners.
 *
 * @param work A folder on disk, where images stay for the next time.
 */
export async function benchUnpack(
  work: string,
  runs: number,
): Promise<readonly Row[]> {
  const { missing } = await requirePeers(
    "umoci",
    "zstd",
    "skopeo",
    "docker-registry",
  );
  if (missing.length > 0) throw new Error(`The bench needs ${missing}`);
  const tmpfs = `${work}/unpack-tmpfs`;
  await Deno.mkdir(tmpfs, { recursive: true });
  await mustRun("mount", ["-t", "tmpfs", "-o", "size=6g", "tmpfs", tmpfs]);
  try {
    const rows: Row[] = [];
    for (const bench of CASES) {
      const place = bench.place === "tmpfs" ? tmpfs : work;
      const image = await ensureUnpackImage(`${work}/unpack`, bench.image);
      rows.push(...await runCase(bench, image, place, runs));
    }
    rows.push(
      ...await benchPullUnpack(
        await ensureUnpackImage(`${work}/unpack`, many),
        many.name,
        { registry: `${work}/unpack-registry`, place: tmpfs, runs },
      ),
    );
    return rows;
  } finally {
    await mustRun("umount", [tmpfs]);
  }
}

type ToolName = "dray" | "tar" | "umoci";

async function runCase(
  bench: UnpackCase,
  image: StoredUnpackImage,
  place: string,
  runs: number,
): Promise<readonly Row[]> {
  const tools: readonly ToolName[] = [
    "dray",
    ...(["tar", "umoci"] as const).filter((tool) => tool in bench.goals),
  ];
  const results = new Map<ToolName, Measurement[]>(
    tools.map((tool) => [tool, []]),
  );
  for (let run = 0; run < runs; run++) {
    for (const tool of tools) {
      results.get(tool)?.push(await runTool(tool, bench, image, place));
    }
  }
  const summary = (tool: ToolName) =>
    summarize(results.get(tool) ?? [], image.bytes);
  const dray = summary("dray");
  const peers = tools.filter((tool) => tool !== "dray");
  return [
    ...peers.map((tool): Row => ({
      caseName: bench.name,
      tool: "dray",
      ...dray,
      ratio: dray.wallMs / summary(tool).wallMs,
      against: tool,
      goal: bench.goals[tool] ?? "",
    })),
    ...peers.map((tool): Row => ({
      caseName: bench.name,
      tool,
      ...summary(tool),
    })),
  ];
}

async function runTool(
  tool: ToolName,
  bench: UnpackCase,
  image: StoredUnpackImage,
  place: string,
): Promise<Measurement> {
  const folder = await Deno.makeTempDir({ dir: place, prefix: "unpack-" });
  try {
    return await measure(commandOf(tool, bench, image, `${folder}/root`));
  } finally {
    await Deno.remove(folder, { recursive: true });
    if (bench.place === "disk") await mustRun("sync", []);
  }
}

function commandOf(
  tool: ToolName,
  { image: { name, compression } }: UnpackCase,
  image: StoredUnpackImage,
  target: string,
): BenchCommand {
  switch (tool) {
    case "dray":
      return drayCommand([
        "unpack",
        "-q",
        `--store=${image.store}`,
        `bench.example/${name}`,
        target,
      ]);
    case "tar":
      Deno.mkdirSync(target);
      return {
        command: "tar",
        args: [
          "--extract",
          `--${compression}`,
          `--directory=${target}`,
          `--file=${image.layers[0] ?? ""}`,
        ],
      };
    case "umoci":
      return {
        command: "umoci",
        args: ["raw", "unpack", "--image", `${image.layout}:latest`, target],
      };
  }
}
