import { mustRun } from "../testing/run_command.ts";
import { measure, type Measurement } from "./measure.ts";
import { type Row, summarize } from "./report.ts";
import { startRegistry } from "./servers.ts";
import { drayCommand } from "./tools.ts";
import type { StoredUnpackImage } from "./unpack_images.ts";

/** Where {@linkcode benchPullUnpack} works. */
export interface PullUnpackPlaces {
  /** A folder for the registry, below which the image stays for the next time. */
  readonly registry: string;
  /** Where stores and unpacked trees go, and are removed again. */
  readonly place: string;
  readonly runs: number;
}

const STEPS = ["pull", "unpack", "pull --unpack"] as const;
type Step = typeof STEPS[number];

const CASE = "pull --unpack 20,000 files, 200 MB, tmpfs, not synced";

/** `pull --unpack` of an image beside what it is made of, each of them alone. */
export async function benchPullUnpack(
  image: StoredUnpackImage,
  name: string,
  { registry: folder, place, runs }: PullUnpackPlaces,
): Promise<readonly Row[]> {
  await using registry = await startRegistry(folder);
  const reference = `127.0.0.1:${registry.port}/bench/${name}:latest`;
  await mustRun("skopeo", [
    "copy",
    "--quiet",
    "--preserve-digests",
    "--dest-tls-verify=false",
    `oci:${image.layout}:latest`,
    `docker://${reference}`,
  ]);
  const pull = ["pull", "-q", "--no-sync"];
  const commands: Record<Step, (store: string) => readonly string[]> = {
    "pull": (store) => [...pull, `--store=${store}`, reference],
    "unpack": (store) => [
      "unpack",
      "-q",
      "--layers",
      `--store=${image.store}`,
      `bench.example/${name}`,
      `${store}/layers`,
    ],
    "pull --unpack": (store) => [
      ...pull,
      "--unpack",
      `--store=${store}`,
      reference,
    ],
  };
  const results: Record<Step, Measurement[]> = {
    "pull": [],
    "unpack": [],
    "pull --unpack": [],
  };
  for (let run = 0; run < runs; run++) {
    for (const step of STEPS) {
      const store = await Deno.makeTempDir({ dir: place, prefix: "pull-" });
      try {
        results[step].push(await measure(drayCommand(commands[step](store))));
      } finally {
        await Deno.remove(store, { recursive: true });
      }
    }
  }
  return rowsOf(results, image.bytes);
}

function rowsOf(
  results: Readonly<Record<Step, readonly Measurement[]>>,
  bytes: number,
): readonly Row[] {
  const both = summarize(results["pull --unpack"], bytes);
  const pull = summarize(results.pull, bytes);
  const unpack = summarize(results.unpack, bytes);
  const against = pull.wallMs > unpack.wallMs ? "pull" : "unpack";
  return [
    {
      caseName: CASE,
      tool: "dray",
      ...both,
      ratio: both.wallMs / Math.max(pull.wallMs, unpack.wallMs),
      against,
      goal: "≤ 1.15",
    },
    { caseName: CASE, tool: "dray pull", ...pull },
    { caseName: CASE, tool: "dray unpack", ...unpack },
  ];
}
