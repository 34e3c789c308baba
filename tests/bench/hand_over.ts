import { requirePeers } from "../testing/peers.ts";
import { mustRun } from "../testing/run_command.ts";
import { type BenchCommand, measure, type Measurement } from "./measure.ts";
import { type Row, summarize } from "./report.ts";
import { drayCommand } from "./tools.ts";
import {
  ensureUnpackImage,
  type StoredUnpackImage,
  type UnpackImage,
} from "./unpack_images.ts";

const MIB = 1024 ** 2;
const IMAGE: UnpackImage = {
  name: "hand-over",
  layers: 4,
  files: 4,
  layerBytes: 450 * MIB,
  compression: "gzip",
};
const REFERENCE = "bench.example/hand-over";

type ToolName = "dray" | "skopeo";

/** A way of handing an image on, and how each tool goes it. */
interface HandOverCase {
  readonly name: string;
  readonly commands: (
    image: StoredUnpackImage,
    archive: string,
    target: string,
  ) => Readonly<Record<ToolName, BenchCommand>>;
}

const CASES: readonly HandOverCase[] = [
  {
    name: "export 1 GiB as an OCI archive",
    commands: ({ store, layout }, _archive, target) => ({
      dray: drayCommand(
        [
          "export",
          REFERENCE,
          "-q",
          "--no-sync",
          "-o",
          target,
          "--store",
          store,
        ],
      ),
      skopeo: skopeo(`oci:${layout}:latest`, `oci-archive:${target}`),
    }),
  },
  {
    name: "import 1 GiB from an OCI archive",
    commands: (_image, archive, target) => ({
      dray: drayCommand(
        ["import", archive, "-q", "--no-sync", "--tag=x", "--store", target],
      ),
      skopeo: skopeo(`oci-archive:${archive}`, `oci:${target}:x`),
    }),
  },
];

/** Exports and imports an image beside skopeo, in interleaved runs. */
export async function benchHandOver(
  work: string,
  runs: number,
): Promise<readonly Row[]> {
  const { missing } = await requirePeers("skopeo");
  if (missing.length > 0) throw new Error(`The bench needs ${missing}`);
  const image = await ensureUnpackImage(`${work}/unpack`, IMAGE);
  const archive = `${work}/hand-over.tar`;
  await measure(
    drayCommand(["export", REFERENCE, "-o", archive, "--store", image.store]),
  );
  const { size } = await Deno.stat(archive);
  const rows: Row[] = [];
  for (const bench of CASES) {
    const results = { dray: [], skopeo: [] } as Record<ToolName, Measurement[]>;
    for (let run = 0; run < runs; run++) {
      for (const tool of ["dray", "skopeo"] as const) {
        results[tool].push(await runTool(tool, bench, image, archive));
      }
    }
    rows.push(...compare(bench.name, results, size));
  }
  return rows;
}

async function runTool(
  tool: ToolName,
  bench: HandOverCase,
  image: StoredUnpackImage,
  archive: string,
): Promise<Measurement> {
  const folder = await Deno.makeTempDir({
    dir: archive.replace(/\/[^/]*$/, ""),
    prefix: "hand-",
  });
  try {
    const commands = bench.commands(image, archive, `${folder}/target`);
    return await measure(commands[tool]);
  } finally {
    await Deno.remove(folder, { recursive: true });
    await mustRun("sync", []);
  }
}

function compare(
  caseName: string,
  results: Readonly<Record<ToolName, readonly Measurement[]>>,
  bytes: number,
): readonly Row[] {
  const dray = summarize(results.dray, bytes);
  const skopeo = summarize(results.skopeo, bytes);
  const ratio = dray.wallMs / skopeo.wallMs;
  return [
    { caseName, tool: "dray", ...dray, ratio, against: "skopeo" },
    { caseName, tool: "skopeo", ...skopeo },
  ];
}

function skopeo(from: string, to: string): BenchCommand {
  return { command: "skopeo", args: ["copy", "-q", from, to] };
}
