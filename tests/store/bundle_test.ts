import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Uses all that a bundle could lack: migrations, the worker's text, a late import. */
const ENTRY = `
import { Store } from "${ROOT}src/store/store.ts";
import { hashBytes } from "${ROOT}src/io/hash.ts";
import { HashWorker } from "${ROOT}src/io/hash_worker.ts";
const [dir = ""] = Deno.args;
await using store = await Store.open(dir, { sync: false });
const bytes = new Uint8Array(65 << 20);
const digest = hashBytes("sha256", bytes);
await using ingest = await store.openIngest({ digest, size: bytes.length });
await ingest?.writeAt(0, bytes);
await ingest?.commit();
using worker = new HashWorker();
const hashed = await worker.open(store.blobPath(digest), "sha256")
  .finish(bytes.length);
console.log(hashed === digest, store.listImages().length);
`;

Deno.test("a bundle opens a store and hashes on its worker, far from the sources", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("entry.ts"), ENTRY);
  const config = `${ROOT}deno.json`;
  await mustRun(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--config",
    config,
    "--no-lock",
    "--output",
    dir.join("bundle.js"),
    dir.join("entry.ts"),
  ]);
  await Deno.remove(dir.join("entry.ts"));
  const leave = [`--allow-read=${dir.path}`, `--allow-write=${dir.path}`];
  const out = await mustRun(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--no-config",
    ...leave,
    dir.join("bundle.js"),
    dir.join("store"),
  ], { cwd: dir.path });
  assert.equal(out, "true 0\n");
});
