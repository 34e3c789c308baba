/**
 * `dray serve` beside nginx: many clients fetch the same blob, and each checks its digest.
 *
 *     deno run -A tests/bench/serve.ts [--clients 64] [--mib 256] [--runs 3]
 *
 * Clients and server share the machine's processors, so the servers' own time is told as well.
 */
import { parseArgs } from "node:util";
import { Store } from "../../src/mod.ts";
import { storeImage } from "../store/stored_fixture.ts";
import { buildImage } from "../testing/image_builder.ts";
import { median } from "./measure.ts";
import { type BenchServer, freePort, startBenchServer } from "./servers.ts";
import { drayCommand } from "./tools.ts";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "64" },
    mib: { type: "string", default: "256" },
    runs: { type: "string", default: "3" },
    work: { type: "string", default: "/tmp" },
  },
});
const clients = Number(values.clients);
const bytes = Number(values.mib) * 2 ** 20;

/** What one round of all clients cost. */
interface Round {
  readonly wallMs: number;
  readonly serverCpuMs: number;
}

const work = await Deno.makeTempDir({
  dir: values.work,
  prefix: "dray-bench-serve-",
});
try {
  await bench(work);
} finally {
  await Deno.remove(work, { recursive: true });
}

async function bench(dir: string): Promise<void> {
  const digest = await fillStore(`${dir}/store`);
  await using dray = await startDray(`${dir}/store`);
  await using nginx = await startNginx(dir);
  const hex = digest.slice("sha256:".length);
  const urls = new Map([
    [
      dray,
      `http://127.0.0.1:${dray.port}/v2/library/big/blobs/${digest}`,
    ],
    [nginx, `http://127.0.0.1:${nginx.port}/blobs/sha256/${hex}`],
  ]);
  const rounds = new Map<BenchServer, Round[]>([[dray, []], [nginx, []]]);
  for (let run = 0; run < Number(values.runs); run++) {
    for (const [server, url] of urls) {
      rounds.get(server)?.push(await fetchAll(server, url, hex));
    }
  }
  const wall = (server: BenchServer): number =>
    median((rounds.get(server) ?? []).map(({ wallMs }) => wallMs));
  for (const [name, server] of [["dray", dray], ["nginx", nginx]] as const) {
    const cpu = median(
      (rounds.get(server) ?? []).map(({ serverCpuMs }) => serverCpuMs),
    );
    const gib = clients * bytes / 2 ** 30;
    console.log(
      `${name}: ${(wall(server) / 1000).toFixed(2)} s, ` +
        `${(gib / wall(server) * 1000).toFixed(2)} GiB/s, ` +
        `server ${(cpu / gib / 1000).toFixed(3)} s of CPU a GiB`,
    );
  }
  const ratio = wall(nginx) / wall(dray);
  console.log(`dray at ${ratio.toFixed(2)} of nginx's rate (goal ≥ 0.8)`);
}

/** One image of one layer; returns the layer's digest. */
async function fillStore(dir: string): Promise<string> {
  await using store = await Store.open(dir, { sync: false });
  const image = buildImage({ layers: [{ randomBytes: bytes }] });
  await storeImage(store, "docker.io/library/big:1", image);
  return image.layers[0]?.descriptor.digest ?? "";
}

async function startDray(store: string): Promise<BenchServer> {
  const port = freePort();
  const { command, args } = drayCommand([
    ...["serve", "-q", `--listen=127.0.0.1:${port}`, `--store=${store}`],
  ]);
  return await startBenchServer(command, args, port);
}

async function startNginx(dir: string): Promise<BenchServer> {
  const port = freePort();
  await Deno.mkdir(`${dir}/tmp`);
  await Deno.chmod(dir, 0o755);
  await Deno.writeTextFile(
    `${dir}/nginx.conf`,
    `daemon off;
worker_processes auto;
user root;
pid ${dir}/nginx.pid;
error_log ${dir}/nginx.log;
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path ${dir}/tmp;
  proxy_temp_path ${dir}/tmp;
  server { listen 127.0.0.1:${port}; root ${dir}/store; }
}
`,
  );
  const config = ["-c", `${dir}/nginx.conf`];
  return await startBenchServer("nginx", config, port);
}

/** All clients at once; throws where one gets anything but the blob. */
async function fetchAll(
  server: BenchServer,
  url: string,
  hex: string,
): Promise<Round> {
  const cpuBefore = await cpuMs(server.pid);
  const startMs = performance.now();
  await Promise.all(Array.from({ length: clients }, async () => {
    const pipe = 'curl --silent --show-error --fail "$0" | sha256sum';
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", pipe, url],
    }).output();
    const got = new TextDecoder().decode(stdout).slice(0, hex.length);
    if (got !== hex) throw new Error(`A client got ${got} of ${url}`);
  }));
  const wallMs = performance.now() - startMs;
  return { wallMs, serverCpuMs: await cpuMs(server.pid) - cpuBefore };
}

/** User and system time of a process and its workers so far; the kernel counts in hundredths of a second. */
async function cpuMs(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  let sum = (Number(fields[11]) + Number(fields[12])) * 10;
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  for (const child of children.split(" ").filter(Boolean)) {
    sum += await cpuMs(Number(child));
  }
  return sum;
}
