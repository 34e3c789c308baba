import assert from "node:assert/strict";
import { DrayError } from "../../src/errors.ts";
import { rawTar } from "../tar/raw_tar.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { HOSTILE_LAYERS } from "./hostile_layers.ts";
import { snapshotTree } from "./tree_snapshot.ts";
import { unpackTars } from "./unpack_tars.ts";

for (const hostile of HOSTILE_LAYERS) {
  Deno.test(`unpacking ${hostile.name}: nothing outside changes`, async () => {
    await using dir = await tempDir();
    const victim = dir.join("victim");
    await Deno.mkdir(victim, { mode: 0o711 });
    await Deno.chmod(victim, 0o711);
    await Deno.writeTextFile(`${victim}/file`, "precious", { mode: 0o640 });
    await Deno.utime(`${victim}/file`, 1000, 1000);
    await Deno.utime(victim, 2000, 2000);
    const before = snapshotTree(victim);
    const tars = hostile.layers(victim).map((entries) => rawTar(...entries));
    const work = unpackTars(dir.join("root"), tars);
    if (hostile.outcome === undefined) {
      await work;
      const left = snapshotTree(dir.join("root"), { times: false })
        .map((line) => line.split(" ").slice(0, 2).join(" "));
      const expected = hostile.left ?? [];
      assert.deepEqual(
        left,
        typeof expected === "function" ? expected(victim) : expected,
      );
    } else {
      await assert.rejects(work, (error) => {
        assert.ok(error instanceof DrayError, String(error));
        assert.deepEqual([error.code, error.exitCode], [hostile.outcome, 6]);
        return true;
      });
    }
    assert.deepEqual(snapshotTree(victim), before);
    assert.deepEqual(
      [...Deno.readDirSync(dir.path)].map((entry) => entry.name).sort(),
      ["root", "victim"],
    );
  });
}
