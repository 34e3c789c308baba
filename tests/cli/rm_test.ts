import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage();

Deno.test("dray rm prints what it forgot, and fails for what was not there", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const store = ["--store", dir.path];
  const first = registry.push("team/app", "v1", image);
  const second = registry.push("team/app", "v2", image);
  await runInProcess(["pull", "-q", first, second, ...store]);

  const removed = await runInProcess(["rm", first, ...store]);
  assert.deepEqual(removed, { code: 0, stdout: `${first}\n`, stderr: "" });
  assert.equal(
    (await runInProcess(["images", "-q", ...store])).stdout,
    `${second}\n`,
  );

  const again = await runInProcess(["rm", first, second, "--json", ...store]);
  assert.equal(again.code, 3);
  assert.deepEqual(JSON.parse(again.stdout), {
    reference: second,
    digest: image.root.descriptor.digest,
  });
  assert.equal((await runInProcess(["images", "-q", ...store])).stdout, "");
});
