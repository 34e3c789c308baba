import { BufferPool } from "./http/buffer_pool.ts";
import { Connection, type ConnectionLimits } from "./http/connection.ts";
import { formatHost, listen, type ServerTls } from "./http/listen.ts";
import {
  type Exchange,
  serveConnection,
  type ServerHandler,
} from "./http/serve_connection.ts";

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
  /** Connections at a time; more have to wait. Default: 1024. */
  readonly maxConnections?: number;
  /** Longest wait of a connection for its next request, in ms. Default: 90,000. */
  readonly idleTimeoutMs?: number;
  /** Longest time that the head of a request may take, in ms. Default: 20,000. */
  readonly headTimeoutMs?: number;
  /** Longest time that a client may take nothing of its answer, in ms. Default: 60,000. */
  readonly stallTimeoutMs?: number;
  /** Told of each request that comes. Default: nobody. */
  readonly onRequest?: () => void;
  /** Told of each answer that went out, or broke off. Default: nobody. */
  readonly onExchange?: (exchange: Exchange) => void;
  /** Told why an answer broke off, where it was not the client. Default: nobody. */
  readonly onError?: (error: unknown) => void;
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
const DEFAULT_MAX_CONNECTIONS = 1024;
const LONGEST_SWEEP_MS = 1000;
/** Longest time in which a client may go on sending what nobody reads. */
const LINGER_MS = 5000;
/** Where the system has no room for another connection. */
const ACCEPT_PAUSE_MS = 50;

/**
 * Starts an HTTP/1.1 server for requests without bodies. It is dray's own, over plain sockets:
 * what `Deno.serve` has no means for is that a client which stalls, or never ends its head, loses
 * its connection; and writing file pieces without a stream in between takes half the time.
 *
 * @throws {LocalError} where the address cannot be listened on.
 * @throws {UsageError} `config-invalid` where the certificate or its key is none.
 */
export function startServer(
  handler: ServerHandler,
  options: ServerOptions = {},
): RunningServer {
  options.signal?.throwIfAborted();
  const server = new Server(handler, options);
  return {
    host: formatHost(server.address),
    port: server.address.port,
    finished: server.finished,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

class Server {
  readonly address: Deno.NetAddr;
  readonly finished: Promise<void>;
  readonly #options: ServerOptions;
  readonly #handler: ServerHandler;
  readonly #listener: Deno.Listener;
  readonly #buffers = new BufferPool();
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #limits: ConnectionLimits;
  readonly #sweeper: ReturnType<typeof setInterval>;
  readonly #stop = (): void => void this.stop();
  #stopping: Promise<void> | undefined;
  #freed = Promise.withResolvers<void>();

  constructor(handler: ServerHandler, options: ServerOptions) {
    const { idleTimeoutMs = 90_000, headTimeoutMs = 20_000 } = options;
    const { stallTimeoutMs = 60_000 } = options;
    this.#handler = handler;
    this.#options = options;
    this.#limits = {
      idle: idleTimeoutMs,
      head: headTimeoutMs,
      writing: stallTimeoutMs,
      lingering: LINGER_MS,
    };
    this.#listener = listen(options);
    // Sound: it listens on TCP.
    this.address = this.#listener.addr as Deno.NetAddr;
    const shortest = Math.min(...Object.values(this.#limits));
    this.#sweeper = setInterval(
      () => this.#sweep(),
      Math.min(LONGEST_SWEEP_MS, shortest / 4),
    );
    options.signal?.addEventListener("abort", this.#stop, { once: true });
    this.finished = this.#run();
  }

  /** No more connections; answers on their way may end, within the grace period. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stopGracefully();
  }

  async #run(): Promise<void> {
    while (this.#stopping === undefined) {
      await this.#untilRoom();
      const conn = await this.#accept();
      if (conn !== undefined) this.#serve(conn);
    }
    await this.#stopping;
  }

  async #stopGracefully(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#stop);
    this.#listener.close();
    this.#freed.resolve();
    for (const connection of this.#connections.keys()) {
      const { state } = connection;
      if (state === "idle" || state === "lingering") connection.close();
    }
    const grace = Promise.withResolvers<void>();
    const graceMs = this.#options.graceMs ?? DEFAULT_GRACE_MS;
    const timer = setTimeout(grace.resolve, graceMs);
    const ended = Promise.all(this.#connections.values());
    await Promise.race([ended, grace.promise]);
    clearTimeout(timer);
    for (const connection of this.#connections.keys()) connection.close();
    clearInterval(this.#sweeper);
    await Promise.all(this.#connections.values());
  }

  /** The longest idle connection makes room, if there is one. */
  async #untilRoom(): Promise<void> {
    const { maxConnections = DEFAULT_MAX_CONNECTIONS } = this.#options;
    while (
      this.#connections.size >= maxConnections && this.#stopping === undefined
    ) {
      const idle = this.#connections.keys()
        .find((connection) => connection.state === "idle");
      idle?.close();
      this.#freed = Promise.withResolvers();
      await this.#freed.promise;
    }
  }

  async #accept(): Promise<Deno.Conn | undefined> {
    try {
      return await this.#listener.accept();
    } catch {
      // It was closed; or there are no more files to be had, which passes.
      if (this.#stopping !== undefined) return undefined;
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      return undefined;
    }
  }

  #serve(conn: Deno.Conn): void {
    const now = (): number => performance.now();
    const connection = new Connection(conn, this.#limits, now);
    const { onRequest, onExchange, onError } = this.#options;
    const served = serveConnection(connection, {
      handler: this.#handler,
      buffers: this.#buffers,
      isStopping: () => this.#stopping !== undefined,
      onRequest: onRequest ?? (() => {}),
      onExchange: onExchange ?? (() => {}),
      onError: onError ?? (() => {}),
      now,
    });
    this.#connections.set(
      connection,
      served.finally(() => {
        this.#connections.delete(connection);
        this.#freed.resolve();
      }),
    );
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const connection of this.#connections.keys()) {
      if (connection.isOverdue(nowMs)) connection.close();
    }
  }
}
