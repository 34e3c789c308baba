import {
  createRegistryHandler,
  type RegistryHandler,
} from "../../src/serve/registry_handler.ts";
import { createStoreSource } from "../../src/serve/store_source.ts";
import { Store } from "../../src/store/store.ts";
import { storeImage } from "../store/stored_fixture.ts";
import type { TestImage } from "../testing/image_builder.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";

/** A store with images, and the handler that serves it without a network. */
export interface ServedStore extends AsyncDisposable {
  readonly store: Store;
  readonly dir: TempDir;
  readonly handler: RegistryHandler;
  /** What a client was not told of. */
  readonly errors: readonly unknown[];
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Status and code of an error document. */
  fail(path: string, init?: RequestInit): Promise<string>;
}

/** Serves images by their references. */
export async function serveStore(
  images: Readonly<Record<string, TestImage>>,
): Promise<ServedStore> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir());
  const store = stack.use(await Store.open(dir.path, { sync: false }));
  for (const [reference, image] of Object.entries(images)) {
    await storeImage(store, reference, image);
  }
  const errors: unknown[] = [];
  const source = stack.use(createStoreSource(store));
  const handler = createRegistryHandler(source, {
    onError: (error) => errors.push(error),
  });
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    handler(new Request(`http://registry.test${path}`, init));
  const owned = stack.move();
  return {
    store,
    dir,
    handler,
    errors,
    ask,
    async fail(path, init) {
      const response = await ask(path, init);
      const { errors: [error] } = await response.json();
      return `${response.status} ${error.code}`;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
