import assert from "node:assert/strict";
import { Store } from "../../src/store/store.ts";
import { buildImage } from "../testing/image_builder.ts";
import { listTree } from "../testing/list_tree.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { keyOf, storeImage } from "./stored_fixture.ts";

Deno.test("no name in a store has a colon, or differs from another by case alone", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  for (const algorithm of ["sha256", "sha512"] as const) {
    const image = buildImage({ algorithm, layers: [{ seed: 1 }] });
    // References may differ so, and stay apart.
    await storeImage(store, `localhost:5000/team/app:${algorithm}`, image);
    await storeImage(
      store,
      `localhost:5000/team/app:${algorithm.toUpperCase()}`,
      image,
    );
    const begun = keyOf(new Uint8Array(9), algorithm);
    await using ingest = await store.openIngest(begun);
    await ingest?.writeAt(4, new Uint8Array(2));
  }
  const names = listTree(dir.path).map((line) => line.split(" ")[0] ?? "");
  assert.ok(names.length > 15, names.join());
  assert.ok(names.some((name) => name.startsWith("ingest/sha512-")));
  for (const name of names) assert.doesNotMatch(name, /[:<>"|?*\\]/);
  const folded = new Set(names.map((name) => name.toLowerCase()));
  assert.equal(folded.size, names.length);
  assert.equal(store.listImages().length, 4);
  const { manifests } = JSON.parse(
    await Deno.readTextFile(dir.join("index.json")),
  );
  assert.equal(manifests.length, 4);
});
