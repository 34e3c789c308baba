import { type Executables, makeExecutables } from "./executables.ts";
import { type BenchCommand, measure, median } from "./measure.ts";
import type { Row } from "./report.ts";
import { drayCommand } from "./tools.ts";

const ROUNDS_PER_RUN = 4;

/** What is measured, and what it is compared with. */
interface Start {
  readonly tool: string;
  readonly command: BenchCommand;
  readonly against?: string;
  readonly goal?: string;
  readonly note?: string;
  /** Whether it has never run before. */
  readonly isFirst?: boolean;
}

/**
 * `dray --version` from source, bundled and as the executable, against an empty program in the
 * same form: what a user waits for before anything begins.
 */
export async function benchStartup(runs: number): Promise<readonly Row[]> {
  const folder = await Deno.makeTempDir({ prefix: "dray-bench-startup-" });
  try {
    const starts = listStarts(folder, await makeExecutables(folder));
    await Deno.writeTextFile(`${folder}/empty.ts`, "");
    const times = new Map<Start, { wall: number[]; rss: number[] }>(
      starts.map((start) => [start, { wall: [], rss: [] }]),
    );
    for (let run = 0; run < runs * ROUNDS_PER_RUN; run++) {
      for (const [start, { wall, rss }] of times) {
        if (start.isFirst) {
          await Deno.remove(`${folder}/fresh`, { recursive: true })
            .catch(() => undefined);
        }
        const { wallMs, peakRssBytes } = await measure(start.command);
        wall.push(wallMs);
        rss.push(peakRssBytes);
      }
    }
    return toRows(times);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function listStarts(
  folder: string,
  { dray, empty, drayBytes }: Executables,
): readonly Start[] {
  const run = (...args: readonly string[]): BenchCommand => ({
    command: Deno.execPath(),
    args: ["run", ...args],
  });
  const env = { DRAY_CACHE: `${folder}/cache` };
  const args = ["--version"];
  return [
    {
      tool: "empty program",
      command: run("--no-config", `${folder}/empty.ts`),
    },
    {
      tool: "dray --version",
      command: drayCommand(args),
      against: "empty program",
      goal: "≤ 2",
    },
    {
      tool: "dray --version, bundled",
      command: run("-A", `${folder}/bundle/main.js`, ...args),
      against: "empty program",
      goal: "< 2.5",
    },
    { tool: "empty executable", command: { command: empty, args, env } },
    {
      tool: "dray --version, executable",
      command: { command: dray, args, env },
      against: "empty executable",
      goal: "≤ 2",
    },
    {
      tool: "the executable's first run",
      command: { command: dray, args, env: { DRAY_CACHE: `${folder}/fresh` } },
      note: `${(drayBytes / 1e6).toFixed(1)} MB to download`,
      goal: "< 2 s",
      isFirst: true,
    },
  ];
}

function toRows(
  times: ReadonlyMap<Start, { wall: number[]; rss: number[] }>,
): readonly Row[] {
  const medians = new Map(
    [...times].map(([{ tool }, { wall }]) => [tool, median(wall)]),
  );
  return [...times].map(([{ tool, against, goal, note }, { wall, rss }]) => {
    const wallMs = median(wall);
    const other = against === undefined ? undefined : medians.get(against);
    return {
      caseName: "start-up",
      tool,
      runs: wall.length,
      wallMs,
      peakRssBytes: Math.max(...rss),
      ...(note !== undefined && { note }),
      ...(goal !== undefined && { goal }),
      ...(against !== undefined && other !== undefined && {
        ratio: wallMs / other,
        against,
      }),
    };
  });
}
