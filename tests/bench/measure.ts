/** What one run of one command cost. */
export interface Measurement {
  readonly wallMs: number;
  /** User plus system time of the command and its children. */
  readonly cpuMs: number;
  /** Largest resident set of any one process of the command. */
  readonly peakRssBytes: number;
}

/** A command line, run without a shell. */
export interface BenchCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Signal the process is ended with after this time; for the cases that interrupt. */
  readonly killAfterMs?: number;
}

/**
 * Runs a command to its end under GNU time and tells what it cost.
 *
 * @throws Error with the end of its stderr where it fails.
 */
export async function measure(spec: BenchCommand): Promise<Measurement> {
  const report = await Deno.makeTempFile({ prefix: "dray-bench-time-" });
  try {
    const startedAt = performance.now();
    const output = await new Deno.Command("/usr/bin/time", {
      args: ["-o", report, "-f", "%U %S %M", spec.command, ...spec.args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      ...(spec.env && { env: spec.env }),
    }).output();
    const wallMs = performance.now() - startedAt;
    if (!output.success) {
      const tail = new TextDecoder().decode(output.stderr).trim().slice(-600);
      throw new Error(
        `${spec.command} ${
          spec.args.join(" ")
        } ended with ${output.code}: ${tail}`,
      );
    }
    return { wallMs, ...parseTimeReport(await Deno.readTextFile(report)) };
  } finally {
    await Deno.remove(report);
  }
}

/** Reads the `%U %S %M` line of GNU time. */
export function parseTimeReport(
  text: string,
): Pick<Measurement, "cpuMs" | "peakRssBytes"> {
  const [user, system, rssKiB] = text.trim().split(/\s+/).slice(-3).map(Number);
  if (user === undefined || system === undefined || rssKiB === undefined) {
    throw new Error(`Cannot read the report of GNU time: ${text}`);
  }
  return { cpuMs: (user + system) * 1000, peakRssBytes: rssKiB * 1024 };
}

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  if (values.length === 0) {
    throw new RangeError("Cannot take a median of nothing");
  }
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1
    ? upper
    : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
