import assert from "node:assert/strict";
import { bundleProgram, WORKER_FILES } from "../../.build/bundle_program.ts";
import { buildImage, buildLayer } from "../testing/image_builder.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";

Deno.test("bundleProgram() has the thread that unpacks layers beside the piece that starts it", async () => {
  await using dir = await tempDir();
  await bundleProgram(dir.path);
  const pieces = [...Deno.readDirSync(dir.path)]
    .filter(({ name }) => name.endsWith(".js"))
    .map(({ name }) => Deno.readTextFileSync(dir.join(name)));
  for (const file of WORKER_FILES) {
    assert(pieces.some((piece) => piece.includes(`"./${file}"`)), file);
  }
  const url = new URL(`file://${dir.join("unpack_worker.ts")}`);
  const worker = new Worker(url, { type: "module" });
  const answer = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => answer.resolve(data);
  worker.postMessage({ id: 7, kind: "settle", path: "" });
  assert.deepEqual(await answer.promise, { id: 7, kind: "settled" });
  worker.terminate();

  await using registry = startFakeRegistry();
  const layers = [1, 2].map((seed) =>
    buildLayer({ randomBytes: 3 << 20, seed })
  );
  const reference = registry.push("a", "1", buildImage({ layers }));
  const out = await mustRun(Deno.execPath(), [
    "run",
    "-A",
    dir.join("main.js"),
    ...["pull", "--unpack", "--json", "--platform=linux/amd64"],
    ...["--store", dir.join("store"), reference],
  ]);
  for (const { path } of JSON.parse(out).platforms[0].layers) {
    assert.equal((await Deno.stat(`${path}/random.bin`)).size, 3 << 20);
  }
});
