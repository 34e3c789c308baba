import { DrayError } from "../../src/errors.ts";
import { Store } from "../../src/store/store.ts";
import { unpackLayers } from "../../src/unpack_image/unpack_layers.ts";

// Run without --allow-ffi by a test.
const [storeDir = "", out = ""] = Deno.args;
await using store = await Store.open(storeDir);
try {
  await unpackLayers("test", out, { store, whiteouts: "overlay" });
} catch (error) {
  if (!(error instanceof DrayError)) throw error;
  console.log(`${error.code} ${error.exitCode}: ${error.message}`);
}
