import { type Measurement, median } from "./measure.ts";

/** One tool's figures in one case. */
export interface Row {
  readonly caseName: string;
  readonly tool: string;
  readonly runs: number;
  readonly wallMs: number;
  readonly cpuMsPerGiB?: number;
  readonly peakRssBytes?: number;
  /** What the time does not tell. */
  readonly note?: string;
  /** This tool's time as a share of the fastest peer of its kind; undefined for the peers. */
  readonly ratio?: number;
  readonly against?: string;
  readonly goal?: string;
}

const GIB = 1024 ** 3;

/** Medians of interleaved runs. */
export function summarize(
  runs: readonly Measurement[],
  bytes: number,
): Omit<Row, "caseName" | "tool"> {
  return {
    runs: runs.length,
    wallMs: median(runs.map((run) => run.wallMs)),
    cpuMsPerGiB: median(runs.map((run) => run.cpuMs)) / (bytes / GIB),
    peakRssBytes: Math.max(...runs.map((run) => run.peakRssBytes)),
  };
}

/** The rows as text, one case under the other. */
export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.caseName,
    row.tool,
    `${(row.wallMs / 1000).toFixed(3)} s`,
    row.cpuMsPerGiB === undefined
      ? ""
      : `${(row.cpuMsPerGiB / 1000).toFixed(2)} s/GiB`,
    row.peakRssBytes === undefined
      ? ""
      : `${(row.peakRssBytes / 1024 ** 2).toFixed(0)} MiB`,
    row.ratio === undefined
      ? row.note ?? ""
      : `${row.ratio.toFixed(2)} × ${row.against}`,
    row.goal ?? "",
  ]);
  const head = ["case", "tool", "median", "CPU", "peak", "result", "goal"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0))
  );
  return [head, ...cells]
    .map((row) =>
      row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")
        .trimEnd()
    ).join("\n");
}
