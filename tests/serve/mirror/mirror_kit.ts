import { serve } from "../../../src/serve_store.ts";
import { Store } from "../../../src/store/store.ts";
import { openClient } from "../../registry/open_client.ts";
import type { RegistryClientOptions } from "../../../src/registry/registry_client.ts";
import {
  type FakeRegistry,
  type FakeRegistryOptions,
  startFakeRegistry,
} from "../../testing/fake_registry.ts";
import { type TempDir, tempDir } from "../../testing/temp_dir.ts";

/** A mirror of a fake registry. */
export interface Mirror extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  /** What went wrong upstream, as whoever runs the mirror is told. */
  readonly errors: readonly unknown[];
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Status and code of an error document. */
  fail(path: string, init?: RequestInit): Promise<string>;
}

/** An upstream, and mirrors of it that share a store. */
export interface MirrorKit extends AsyncDisposable {
  readonly upstream: FakeRegistry;
  readonly dir: TempDir;
  /** Starts one more, as another process would. */
  start(client?: RegistryClientOptions): Promise<Mirror>;
}

/** Starts an upstream without mirrors. */
export async function startMirrorKit(
  options: FakeRegistryOptions = {},
): Promise<MirrorKit> {
  const upstream = startFakeRegistry(options);
  const dir = await tempDir("dray-mirror-");
  const mirrors = new AsyncDisposableStack();
  return {
    upstream,
    dir,
    start: async (client) =>
      mirrors.use(await startMirror(upstream.host, dir, client)),
    async [Symbol.asyncDispose]() {
      await mirrors.disposeAsync();
      await upstream[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function startMirror(
  registry: string,
  dir: TempDir,
  options: RegistryClientOptions = {},
): Promise<Mirror> {
  const stack = new AsyncDisposableStack();
  const store = stack.use(
    await Store.open(dir.join("store"), { sync: false }),
  );
  const { client } = stack.use(openClient([registry], options));
  const errors: unknown[] = [];
  const server = stack.use(serve(store, {
    upstream: { registry, client, idleTimeoutMs: 5000 },
    onError: (error) => errors.push(error),
    graceMs: 100,
  }));
  const url = `http://${server.host}`;
  return {
    url,
    store,
    errors,
    ask: (path, init) => fetch(url + path, init),
    async fail(path, init) {
      const response = await fetch(url + path, init);
      const { errors: [error] } = await response.json();
      return `${response.status} ${error.code}`;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
