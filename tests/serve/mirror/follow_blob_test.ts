import assert from "node:assert/strict";
import { followBlob } from "../../../src/serve/mirror/follow_blob.ts";
import { GrowingBlob } from "../../../src/serve/mirror/growing_blob.ts";
import { parseDigest } from "../../../src/spec/digest.ts";
import { digestOf } from "../../testing/test_bytes.ts";
import { tempDir } from "../../testing/temp_dir.ts";

Deno.test("followBlob() opens nothing any more once its client has gone", async () => {
  await using dir = await tempDir();
  const path = dir.join("partial");
  await Deno.writeFile(path, new Uint8Array(10_000));
  const growing = new GrowingBlob(10_000);
  let opened = 0;
  let left = 0;
  const stream = followBlob({
    digest: parseDigest(digestOf(new Uint8Array(10_000))),
    size: 10_000,
    growing,
    done: new Promise(() => {}),
    open: () => {
      opened++;
      return Deno.openSync(path);
    },
    leave: () => void left++,
  }, { start: 0, end: 10_000 });
  const reader = stream.getReader();
  const reading = reader.read();
  // It waits for the first byte by then.
  await new Promise((resolve) => setTimeout(resolve));
  await reader.cancel();
  growing.begin([]);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(await reading, { done: true, value: undefined });
  assert.deepEqual([opened, left], [0, 1]);
});
