import { BENCH_IMAGES, ensureImage } from "./images.ts";
import type { Row } from "./report.ts";
import { type BenchServer, freePort, startLoggedFront } from "./servers.ts";
import { drayCommand } from "./tools.ts";

const KILL_AT = 0.9;
const MIB = 1024 ** 2;

/**
 * Kills a pull of 1 GiB at 90 %, pulls again and tells, from the front's own
 * log of bytes sent, how much went over the line twice.
 */
export async function benchResume(
  registry: BenchServer,
  work: string,
): Promise<readonly Row[]> {
  const image = BENCH_IMAGES.one1g;
  const bytes = await ensureImage(`http://127.0.0.1:${registry.port}`, image);
  const log = `${work}/sent-${freePort()}.log`;
  const store = await Deno.makeTempDir({ dir: work, prefix: "resume-" });
  try {
    const startedAt = performance.now();
    {
      await using front = await startLoggedFront(work, registry, log);
      const args = [
        "pull",
        "--no-sync",
        "--platform=linux/amd64",
        `--store=${store}`,
        `127.0.0.1:${front.port}/${image.repository}:latest`,
      ];
      await killAt(args, bytes * KILL_AT);
      await run(args);
    }
    const sent = (await Deno.readTextFile(log)).split("\n")
      .reduce((sum, line) => sum + Number(line), 0);
    return [{
      caseName: "1 GiB, killed at 90 %, again",
      tool: "dray --no-sync",
      runs: 1,
      wallMs: performance.now() - startedAt,
      note: `${((sent - bytes) / MIB).toFixed(1)} MiB sent twice`,
      goal: "≤ 8 MiB",
    }];
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
