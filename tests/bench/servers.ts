import { fileURLToPath } from "node:url";

/** Something that runs until it is disposed. */
export interface BenchServer extends AsyncDisposable {
  readonly port: number;
  /** Process id, for its CPU time. */
  readonly pid: number;
}

/** A real docker-registry over a folder that outlasts the run, so that its images are made once. */
export async function startRegistry(folder: string): Promise<BenchServer> {
  const port = freePort();
  const config = `${folder}/config-${port}.yml`;
  await Deno.mkdir(`${folder}/data`, { recursive: true });
  await Deno.writeTextFile(
    config,
    `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${folder}/data }
  redirect: { disable: true }
http: { addr: "127.0.0.1:${port}" }
`,
  );
  return await startBenchServer("docker-registry", ["serve", config], port, {
    OTEL_TRACES_EXPORTER: "none",
  }, () => Deno.remove(config));
}

/** nginx before the registry, each connection capped to `bytesPerSecond`. */
export async function startCappedFront(
  folder: string,
  target: BenchServer,
  bytesPerSecond: number,
): Promise<BenchServer> {
  return await startNginx(folder, target, {
    http: "access_log off;",
    location: `limit_rate ${bytesPerSecond};`,
  });
}

/** nginx before the registry, which logs the bytes of each body that it sent, a line a request. */
export async function startLoggedFront(
  folder: string,
  target: BenchServer,
  log: string,
): Promise<BenchServer> {
  return await startNginx(folder, target, {
    http: `log_format sent "$body_bytes_sent"; access_log ${log} sent;`,
    location: "",
  });
}

async function startNginx(
  folder: string,
  target: BenchServer,
  extra: { readonly http: string; readonly location: string },
): Promise<BenchServer> {
  const port = freePort();
  const config = `${folder}/nginx-${port}.conf`;
  await Deno.writeTextFile(
    config,
    `daemon off;
worker_processes 1;
pid ${folder}/nginx-${port}.pid;
error_log ${folder}/nginx-${port}.log;
events { worker_connections 256; }
http {
  ${extra.http}
  client_body_temp_path ${folder}/nginx-tmp;
  proxy_temp_path ${folder}/nginx-tmp;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${target.port};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_buffering on;
      proxy_max_temp_file_size 0;
      ${extra.location}
    }
  }
}
`,
  );
  return await startBenchServer("nginx", ["-c", config], port, {}, async () => {
    await Deno.remove(config);
    await Deno.remove(`${folder}/nginx-${port}.log`);
  });
}

/** The registry seen over a line with a round trip of `roundTripMs`. */
export async function startFarFront(
  target: BenchServer,
  roundTripMs: number,
): Promise<BenchServer> {
  const port = freePort();
  const script = fileURLToPath(new URL("delay_proxy.ts", import.meta.url));
  return await startBenchServer(Deno.execPath(), [
    "run",
    "--allow-net=127.0.0.1",
    script,
    `${port}`,
    `${target.port}`,
    `${roundTripMs / 2}`,
  ], port);
}

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts a program, and waits until it listens. */
export async function startBenchServer(
  command: string,
  args: readonly string[],
  port: number,
  env: Readonly<Record<string, string>> = {},
  cleanUp: () => Promise<void> = () => Promise.resolve(),
): Promise<BenchServer> {
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await untilListening(port);
  return {
    port,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await cleanUp();
    },
  };
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (performance.now() < deadline) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Nothing listens on port ${port} after 15 s`);
}
