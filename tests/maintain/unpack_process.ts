import { Store, unpackToStore } from "../../src/mod.ts";

// A process of its own that unpacks an image into the store's layers/, for tests that kill it.

const [dir = "", reference = ""] = Deno.args;

await using store = await Store.openToRead(dir);
await unpackToStore(reference, { store });
