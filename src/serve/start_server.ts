import { LocalError, UsageError } from "../errors.ts";
import { toLocalError } from "../io/local_error.ts";
import { excerptText } from "../spec/escape_text.ts";
import type { RegistryHandler } from "./registry_handler.ts";

/** Options of {@linkcode startServer}. */
export interface ServerOptions {
  /** Address to listen on. Default: 127.0.0.1, which no other machine reaches. */
  readonly hostname?: string;
  /** Default: 0, a free one. */
  readonly port?: number;
  /** A certificate chain and its key, in PEM. Default: plain HTTP. */
  readonly tls?: ServerTls;
  /** Stops the server as disposing does. */
  readonly signal?: AbortSignal;
  /** How long answers on their way may take when it stops, in milliseconds. Default: 5000. */
  readonly graceMs?: number;
}

/** What a server proves its name with, in PEM. */
export interface ServerTls {
  /** The certificate, then those that lead to a root. */
  readonly cert: string;
  /** The first certificate's private key. */
  readonly key: string;
}

/** A server that takes requests; disposing lets answers on their way end, within a limit. */
export interface RunningServer extends AsyncDisposable {
  /** `127.0.0.1:5000`, `[::1]:5000`: what stands before the repository in a reference. */
  readonly host: string;
  /** The port, also where a free one was asked for. */
  readonly port: number;
  /** Resolves once it has stopped, by signal or by disposing. */
  readonly finished: Promise<void>;
}

const DEFAULT_GRACE_MS = 5000;

/**
 * Starts an HTTP server.
 *
 * @throws {LocalError} where the address cannot be listened on.
 */
export function startServer(
  handler: RegistryHandler,
  options: ServerOptions = {},
): RunningServer {
  const { hostname = "127.0.0.1", port = 0, signal } = options;
  signal?.throwIfAborted();
  const cut = new AbortController();
  const answering = new Set<Promise<void>>();
  let stopping: Promise<void> | undefined;
  const server = listen(
    { hostname, port, signal: cut.signal, ...options.tls },
    (request, info) => {
      if (stopping !== undefined) return new Response(null, { status: 503 });
      const done = settled(info.completed).then(() =>
        void answering.delete(done)
      );
      answering.add(done);
      return handler(request);
    },
  );
  const stop = (): Promise<void> => stopping ??= stopGracefully();
  signal?.addEventListener("abort", stop, { once: true });
  return {
    host: formatHost(server.addr),
    port: server.addr.port,
    finished: server.finished,
    async [Symbol.asyncDispose]() {
      signal?.removeEventListener("abort", stop);
      await stop();
    },
  };

  // Not by Deno's shutdown(): there is no way to cut short what it waits for (an abort throws then).
  async function stopGracefully(): Promise<void> {
    const grace = Promise.withResolvers<void>();
    const timer = setTimeout(
      grace.resolve,
      options.graceMs ?? DEFAULT_GRACE_MS,
    );
    await Promise.race([Promise.all(answering), grace.promise]);
    clearTimeout(timer);
    cut.abort();
    await server.finished;
  }
}

/** An answer that its client gave up on is over as well. */
async function settled(completed: Promise<void>): Promise<void> {
  await Promise.allSettled([completed]);
}

interface ListenOptions extends Partial<ServerTls> {
  readonly hostname: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

function listen(
  options: ListenOptions,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  // Library code never prints: Deno announces a listener by itself otherwise.
  const onListen = (): void => undefined;
  try {
    return Deno.serve({ ...options, onListen }, handler);
  } catch (error) {
    throw toListenError(error, options);
  }
}

function toListenError(
  error: unknown,
  { hostname, port, cert }: ListenOptions,
): unknown {
  const address = formatHost({ transport: "tcp", hostname, port });
  if (!(error instanceof Deno.errors.AddrInUse)) {
    const local = toLocalError(error, "listen on", address);
    const isTls = cert !== undefined && !(local instanceof LocalError);
    return isTls ? toTlsError(error) : local;
  }
  return new LocalError(
    "io",
    `Cannot listen on "${address}": the address is in use`,
    { cause: error, hint: "choose another port, or 0 for a free one" },
  );
}

function toTlsError(error: unknown): UsageError {
  const why = error instanceof Error ? `: ${excerptText(error.message)}` : "";
  return new UsageError(
    "config-invalid",
    `Cannot serve over TLS: the certificate or its key is unusable${why}`,
    { cause: error, hint: "both must be PEM, and belong together" },
  );
}

function formatHost(address: Deno.NetAddr): string {
  const { hostname, port } = address;
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}
