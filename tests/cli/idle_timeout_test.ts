import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { MANIFESTS, stallAfter } from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

for (const command of ["pull", "inspect --remote"]) {
  Deno.test(`dray ${command} --idle-timeout bounds the silence of a manifest`, async () => {
    await using registry = startFakeRegistry();
    await using dir = await tempDir();
    const reference = registry.push("team/app", "v1", buildImage());
    registry.fault({ match: MANIFESTS, fault: stallAfter(5) });
    const { code, stderr } = await runInProcess([
      ...[...command.split(" "), reference, "--store", dir.path],
      ...["--idle-timeout", "20ms", "--retries", "0"],
    ]);
    assert.equal(code, 5, stderr);
    assert.match(stderr, /it sent nothing for 0\.02 s/);
  });
}
