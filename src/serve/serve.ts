import type { Store } from "../store/store.ts";
import { createRegistryHandler } from "./registry_handler.ts";
import {
  type RunningServer,
  type ServerOptions,
  startServer,
} from "./start_server.ts";
import { createStoreSource } from "./store_source.ts";

/** How {@linkcode serve} works. */
export interface ServeOptions extends ServerOptions {
  /** Told of each error that a client sees as status 500 only. Default: nobody. */
  readonly onError?: (error: unknown) => void;
}

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
  const { onError, signal } = options;
  const source = createStoreSource(store);
  const handler = createRegistryHandler(source, {
    ...onError === undefined ? {} : { onError },
    ...signal === undefined ? {} : { signal },
  });
  try {
    const server = startServer(handler, options);
    return {
      ...server,
      [Symbol.asyncDispose]: async () => {
        using _source = source;
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    source[Symbol.dispose]();
    throw error;
  }
}
