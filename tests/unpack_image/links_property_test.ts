import assert from "node:assert/strict";
import fc from "fast-check";
import { DrayError } from "../../src/errors.ts";
import { Store } from "../../src/store/store.ts";
import type { TarEntry } from "../../src/tar/write_tar.ts";
import { unpack } from "../../src/unpack_image/unpack.ts";
import { storeImage } from "../store/stored_fixture.ts";
import { buildImage, buildLayer } from "../testing/image_builder.ts";
import { writeImageLayout } from "../testing/image_layout.ts";
import { requirePeers } from "../testing/peers.ts";
import { runCommand } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { snapshotTree } from "../unpack/tree_snapshot.ts";

/** Paths through whatever is there: folders, links, or nothing. */
const path = fc.array(fc.constantFrom("a", "b", "c", "d"), {
  minLength: 1,
  maxLength: 3,
}).map((names) => names.join("/"));
/** Inside, upwards, over the top, to nothing, round in circles. */
const target = fc.constantFrom(
  "/",
  "/a",
  "/b/c",
  "a",
  "b",
  "c/d",
  "..",
  "../a",
  "../../../b",
  "a/../c",
  "/../../d",
  "/nowhere/at/all",
  "./d",
);
const entry: fc.Arbitrary<TarEntry> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ path, content: fc.string() }) },
  {
    weight: 1,
    arbitrary: fc.record({ path, type: fc.constant("directory" as const) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      path,
      type: fc.constant("symlink" as const),
      linkPath: target,
    }),
  },
);
const whiteout: fc.Arbitrary<TarEntry> = path.map((hidden) => ({
  path: hidden.replace(/[^/]*$/, ".wh.$&"),
}));
/** What a whiteout does to its own layer's entries is for tests of its own. */
const layer = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(entry, { minLength: 1, maxLength: 8 }),
  },
  {
    weight: 1,
    arbitrary: fc.array(whiteout, { minLength: 1, maxLength: 2 }),
  },
);

const peers = await requirePeers("umoci");

peers.test("unpack() resolves links in paths within the root, as umoci does (root only)", async () => {
  if (Deno.uid() !== 0) return;
  let same = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(layer, { minLength: 1, maxLength: 4 }),
      async (layers) => {
        await using dir = await tempDir();
        const image = buildImage({
          layers: layers.map((entries) =>
            buildLayer({ entries, compression: "none" })
          ),
        });
        await writeImageLayout(dir.join("layout"), image);
        await using store = await Store.open(dir.join("store"), {
          sync: false,
        });
        await storeImage(store, "docker.io/library/test:latest", image);
        const peer = await runCommand("umoci", [
          "raw",
          "unpack",
          "--image",
          `${dir.join("layout")}:latest`,
          dir.join("umoci"),
        ]);
        const refusal = await unpack("test", dir.join("dray"), { store })
          .then(() => undefined, (error) => error);
        if (refusal !== undefined) {
          assert.ok(refusal instanceof DrayError, String(refusal));
          assert.equal(refusal.exitCode, 6, refusal.message);
        }
        // Each refuses what has no end, or leads through a file.
        assert.equal(
          refusal === undefined,
          peer.code === 0,
          `${refusal?.message}\n${peer.stderr}`,
        );
        if (refusal !== undefined) return;
        const options = { times: false };
        assert.deepEqual(
          snapshotTree(dir.join("dray"), options),
          snapshotTree(dir.join("umoci"), options),
        );
        same++;
      },
    ),
    { numRuns: 60 },
  );
  assert(same > 20, `only ${same} images could be unpacked`);
});
