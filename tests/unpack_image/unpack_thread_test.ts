import assert from "node:assert/strict";
import { GrowingFile } from "../../src/io/growing_file.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import { UnpackThread } from "../../src/unpack_image/unpack_thread.ts";
import { buildLayer } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";

Deno.test("UnpackThread fails what it can't settle any more once it has ended", async () => {
  await using dir = await tempDir();
  const { descriptor, diffId, bytes } = buildLayer({ files: { "a/b": "b" } });
  const [blobPath, root] = [dir.join("blob"), dir.join("root")];
  await Deno.writeFile(blobPath, bytes);
  await Deno.mkdir(root);
  using thread = new UnpackThread();
  const layer = {
    digest: parseDigest(descriptor.digest),
    diffId: parseDigest(diffId),
    size: bytes.length,
  };
  const tree = await thread.run(
    { layer, blobPath, root, whiteouts: "oci", limits: {} },
    GrowingFile.whole(bytes.length),
    { signal: new AbortController().signal, onProgress: () => {} },
  );
  thread[Symbol.dispose]();
  await assert.rejects(tree.settle(root), /was ended/);
});
