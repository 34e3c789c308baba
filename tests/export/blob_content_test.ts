import assert from "node:assert/strict";
import { blobContent } from "../../src/export/blob_content.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import { exportFixture, nameOf } from "./export_fixture.ts";

Deno.test("blobContent() throws a failure of reading ahead where the next chunk is asked for", async () => {
  await using fixture = await exportFixture();
  const { store, images } = fixture;
  assert.ok(store.findImage(nameOf("huge")));
  const blob = images["huge"]?.layers[0]?.descriptor;
  assert.ok(blob);
  const { read } = Deno.FsFile.prototype;
  let reads = 0;
  Deno.FsFile.prototype.read = function (buffer): Promise<number | null> {
    return ++reads === 1
      ? read.call(this, buffer)
      : Promise.reject(new Deno.errors.Interrupted("bad sector"));
  };
  try {
    const chunks = blobContent(
      { digest: parseDigest(blob.digest), size: 1000 },
      { store },
    );
    assert.equal((await chunks.next()).value?.length, 1000);
    // The consumer takes its time: a failure that nobody waits for would end the program.
    await new Promise((resolve) => setTimeout(resolve));
    await assert.rejects(chunks.next(), /bad sector/);
  } finally {
    Deno.FsFile.prototype.read = read;
  }
});
