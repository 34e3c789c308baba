// Pulls a reference into a store until it is done or killed; a line once bytes flow.
import { pull } from "../../src/pull/pull.ts";
import { Store } from "../../src/store/store.ts";

const [reference = "", dir = ""] = Deno.args;
await using store = await Store.open(dir, { sync: false });
const result = await pull(reference, {
  store,
  platforms: [{ os: "linux", architecture: "amd64" }],
  minPieceBytes: 64 * 1024,
  minSavingMs: 20,
  onEvent: ({ event }) => {
    if (event === "blob-progress") console.error("flows");
  },
});
console.error(`done ${result.digest}`);
