import { TransferEngine } from "./pull/transfer_engine.ts";
import type { RegistryClient } from "./registry/registry_client.ts";
import { createMirrorSource } from "./serve/mirror/mirror_source.ts";
import { createRegistryHandler } from "./serve/registry_handler.ts";
import type { RegistrySource } from "./serve/registry_source.ts";
import { ServerMetrics } from "./serve/server_metrics.ts";
import type { ServerHandler } from "./serve/http/serve_connection.ts";
import {
  type RunningServer,
  type ServerOptions,
  startServer,
} from "./serve/start_server.ts";
import { createStoreSource } from "./serve/store_source.ts";
import type { Store } from "./store/store.ts";

/** What is not in the store is had from here, and stored. */
export interface UpstreamOptions {
  /** The registry, in its canonical form: `docker.io`. */
  readonly registry: string;
  /** Whom to ask. */
  readonly client: RegistryClient;
  /** Requests for blobs at a time. Default 16. */
  readonly maxConnections?: number;
  /** Longest silence in a blob, in ms. Default 30,000. */
  readonly idleTimeoutMs?: number;
}

/** How {@linkcode serve} works. */
export interface ServeOptions extends ServerOptions {
  /** Makes the server a pull-through mirror. Default: what is stored is served, and no more. */
  readonly upstream?: UpstreamOptions;
  /** Of the program, for `/metrics`. Default: `unknown`. */
  readonly version?: string;
}

const DEFAULT_MAX_CONNECTIONS = 16;

/**
 * Serves a store as a read-only registry: the pull side of the OCI distribution specification
 * 1.1, for docker, podman, containerd, skopeo and dray itself. The store must stay open until
 * the server has stopped; other processes may pull into it, prune it and serve it meanwhile.
 *
 * @throws LocalError where the address cannot be listened on.
 * @throws UsageError config-invalid where the certificate or its key is none.
 *
 * @example An empty store, on a free port
 * ```ts
 * import { serve, Store } from "@dray/dray";
 *
 * const dir = await Deno.makeTempDir();
 * await using store = await Store.open(dir);
 * {
 *   await using server = serve(store);
 *   const response = await fetch(`http://${server.host}/v2/_catalog`);
 *   console.assert((await response.json()).repositories.length === 0);
 * }
 * ```
 */
export function serve(store: Store, options: ServeOptions = {}): RunningServer {
  const { onError, version = "unknown" } = options;
  const metrics = new ServerMetrics(version, Date.now());
  const source = openSource(store, metrics, options);
  const registry = createRegistryHandler(source, {
    ...onError === undefined ? {} : { onError },
  });
  const handler: ServerHandler = (request, context) =>
    isAboutMetrics(request)
      ? Promise.resolve(renderMetrics(metrics))
      : registry(request, context);
  const server = startServer(handler, {
    ...options,
    onRequest: () => {
      metrics.onRequest();
      options.onRequest?.();
    },
    onExchange: (exchange) => {
      metrics.onExchange(exchange);
      options.onExchange?.(exchange);
    },
  });
  return {
    ...server,
    [Symbol.asyncDispose]: async () => {
      await using _source = source;
      await server[Symbol.asyncDispose]();
    },
  };
}

function isAboutMetrics({ method, url }: Request): boolean {
  return method === "GET" && new URL(url).pathname === "/metrics";
}

function renderMetrics(metrics: ServerMetrics): Response {
  const headers = { "Content-Type": "text/plain; version=0.0.4" };
  return new Response(metrics.render(), { headers });
}

function openSource(
  store: Store,
  metrics: ServerMetrics,
  { upstream, onError = () => {} }: ServeOptions,
): RegistrySource & (Disposable | AsyncDisposable) {
  if (upstream === undefined) return createStoreSource(store);
  const { registry, client, ...options } = upstream;
  const maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
  return createMirrorSource(store, {
    registry,
    client,
    openEngine: (blobs) =>
      new TransferEngine({ ...options, client, store: blobs, maxConnections }),
    observer: {
      onLookup: metrics.onLookup,
      onBytes: metrics.onUpstreamBytes,
      onFailure: (error) => {
        metrics.onUpstreamFailure();
        onError(error);
      },
    },
  });
}
