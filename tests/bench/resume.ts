import { BENCH_IMAGES, ensureImage } from "./images.ts";
import { median } from "./measure.ts";
import type { Row } from "./report.ts";
import { type BenchServer, freePort, startLoggedFront } from "./servers.ts";
import { drayCommand } from "./tools.ts";

const KILL_AT = 0.9;
const MIB = 1024 ** 2;

/**
 * Kills a pull of 1 GiB at 90 %, pulls again and tells, from the front's own
 * log of bytes sent, how much went over the line twice. On loopback that is
 * what the kernel's socket buffers held, which differs from run to run.
 */
export async function benchResume(
  registry: BenchServer,
  work: string,
  runs: number,
): Promise<readonly Row[]> {
  const image = BENCH_IMAGES.one1g;
  const bytes = await ensureImage(`http://127.0.0.1:${registry.port}`, image);
  const wallMs: number[] = [];
  const twice: number[] = [];
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now();
    const sent = await pullTwice(registry, work, bytes);
    wallMs.push(performance.now() - startedAt);
    twice.push((sent - bytes) / MIB);
  }
  const most = Math.max(...twice).toFixed(1);
  return [{
    caseName: "1 GiB, killed at 90 %, again",
    tool: "dray --no-sync",
    runs,
    wallMs: median(wallMs),
    note: `${median(twice).toFixed(1)} MiB sent twice, at most ${most}`,
    goal: "≤ 8 MiB",
  }];
}

/** Bytes that were sent for both pulls. */
async function pullTwice(
  registry: BenchServer,
  work: string,
  bytes: number,
): Promise<number> {
  const log = `${work}/sent-${freePort()}.log`;
  const store = await Deno.makeTempDir({ dir: work, prefix: "resume-" });
  try {
    {
      await using front = await startLoggedFront(work, registry, log);
      const args = [
        "pull",
        "--no-sync",
        "--platform=linux/amd64",
        `--store=${store}`,
        `127.0.0.1:${front.port}/${BENCH_IMAGES.one1g.repository}:latest`,
      ];
      await killAt(args, bytes * KILL_AT);
      await run(args);
    }
    return (await Deno.readTextFile(log)).split("\n")
      .reduce((sum, line) => sum + Number(line), 0);
  } finally {
    await Deno.remove(store, { recursive: true });
    await Deno.remove(log);
  }
}

async function killAt(
  args: readonly string[],
  bytes: number,
): Promise<void> {
  const { command, args: all } = drayCommand([...args, "--progress=json"]);
  const child = new Deno.Command(command, {
    args: [...all],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  for await (const line of lines(child.stderr)) {
    const event = JSON.parse(line);
    if (event.event === "blob-progress" && event.received >= bytes) {
      child.kill("SIGKILL");
    }
  }
  const { signal } = await child.status;
  if (signal !== "SIGKILL") {
    throw new Error("The pull ended before it could be killed");
  }
}

async function* lines(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts.filter((part) => part !== "");
  }
}

async function run(args: readonly string[]): Promise<void> {
  const { command, args: all } = drayCommand(args);
  const output = await new Deno.Command(command, { args: [...all] }).output();
  if (!output.success) {
    throw new Error(new TextDecoder().decode(output.stderr));
  }
}
