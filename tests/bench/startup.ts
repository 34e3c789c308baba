import { drayCommand } from "./tools.ts";
import { type BenchCommand, measure, median } from "./measure.ts";
import type { Row } from "./report.ts";
import { bundleProgram } from "../../.build/bundle_program.ts";

const ROUNDS_PER_RUN = 4;

/**
 * `dray --version` from source and bundled, against an empty program: what a
 * user waits for before anything begins.
 */
export async function benchStartup(runs: number): Promise<readonly Row[]> {
  const folder = await Deno.makeTempDir({ prefix: "dray-bench-startup-" });
  try {
    const empty = `${folder}/empty.ts`;
    const bundle = `${folder}/bundle/main.js`;
    await Deno.writeTextFile(empty, "");
    const commands: readonly (readonly [string, BenchCommand])[] = [
      ["empty program", deno(["run", "--no-config", empty])],
      ["dray --version", drayCommand(["--version"])],
      ["dray --version, bundled", deno(["run", "-A", bundle, "--version"])],
    ];
    await bundleProgram(`${folder}/bundle`);
    const times = new Map<string, { wall: number[]; rss: number[] }>();
    for (let run = 0; run < runs * ROUNDS_PER_RUN; run++) {
      for (const [name, command] of commands) {
        const { wallMs, peakRssBytes } = await measure(command);
        const entry = times.get(name) ?? { wall: [], rss: [] };
        times.set(name, entry);
        entry.wall.push(wallMs);
        entry.rss.push(peakRssBytes);
      }
    }
    return toRows(times);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function toRows(
  times: ReadonlyMap<string, { wall: number[]; rss: number[] }>,
): readonly Row[] {
  const empty = median(times.get("empty program")?.wall ?? []);
  return [...times].map(([tool, { wall, rss }]) => ({
    caseName: "start-up",
    tool,
    runs: wall.length,
    wallMs: median(wall),
    peakRssBytes: Math.max(...rss),
    ...(tool !== "empty program" && {
      ratio: median(wall) / empty,
      against: "empty program",
      goal: tool.endsWith("bundled") ? "< 2.5" : "≤ 3",
    }),
  }));
}

function deno(args: readonly string[]): BenchCommand {
  return { command: Deno.execPath(), args };
}
