import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Database } from "../../src/store/database.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";
import { recordImageRows } from "../../src/store/record_image.ts";
import { Store } from "../../src/store/store.ts";
import {
  buildImage,
  buildIndex,
  buildLayer,
} from "../testing/image_builder.ts";
import {
  mustRun,
  type RunningCommand,
  spawnCommand,
} from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { toFormatOne } from "./old_store.ts";
import { recordOf, storeImage } from "./stored_fixture.ts";

const PROCESS = fileURLToPath(new URL("./store_process.ts", import.meta.url));
const NEWEST = MIGRATIONS.length;

function spawnList(dir: string): RunningCommand {
  return spawnCommand(Deno.execPath(), [
    "run",
    "-A",
    "--quiet",
    "--no-check",
    PROCESS,
    "list",
    dir,
  ]);
}

Deno.test("a store of format 1 is brought to the newest without loss, and is used further", async () => {
  await using dir = await tempDir();
  const image = buildImage({ layers: [{ seed: 1 }, { seed: 2 }] });
  const index = buildIndex([
    image,
    buildImage({ platform: { os: "linux", architecture: "arm64" } }),
  ]);
  const before = await (async () => {
    await using store = await Store.open(dir.path);
    await storeImage(store, "docker.io/team/one:1", image);
    await storeImage(store, "docker.io/team/two:1", index);
    return look(store);
  })();
  await toFormatOne(dir.path);
  assert.equal(formatOf(dir.path), 1);
  await using store = await Store.open(dir.path);
  assert.equal(formatOf(dir.path), NEWEST);
  assert.deepEqual(look(store), before);
  await storeImage(store, "docker.io/team/three:1", image);
  assert.equal(await store.removeImage("docker.io/team/one:1"), true);
  assert.equal(store.listImages().length, 2);
});

Deno.test("each manifest keeps its own word on a config's media type, also one that format 1 did not know", async () => {
  await using dir = await tempDir();
  const plain = buildImage({ layers: [buildLayer({ seed: 1 })] });
  const odd = buildImage({
    layers: [buildLayer({ seed: 1 })],
    configDescriptor: (descriptor) => ({
      ...descriptor,
      mediaType: "application/vnd.docker.container.image.v1+json",
    }),
  });
  assert.equal(plain.config.descriptor.digest, odd.config.descriptor.digest);
  const record = async () => {
    await using store = await Store.open(dir.path);
    await storeImage(store, "docker.io/team/plain:1", plain);
    await storeImage(store, "docker.io/team/odd:1", odd);
    return store.listImages().map(({ reference }) =>
      configType(store, reference)
    );
  };
  const types = await record();
  assert.equal(new Set(types).size, 2);
  await toFormatOne(dir.path);
  assert.deepEqual(await record(), types);
});

Deno.test("four processes that meet a store of format 1 find it whole, all of them", async () => {
  await using dir = await manyImages(300);
  const lists = await Promise.all(
    Array.from({ length: 4 }, async () => {
      await using child = spawnList(dir.path);
      const { code, stdout, stderr } = await child.result;
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout).length;
    }),
  );
  assert.deepEqual(lists, [300, 300, 300, 300]);
  assert.equal(formatOf(dir.path), NEWEST);
});

Deno.test("kill -9 while a store is migrated leaves the format before or after, and every image", async () => {
  await using dir = await manyImages(1500);
  await mustRun("cp", ["-a", `${dir.path}/oci.db`, `${dir.path}/first.db`]);
  const formats = new Set<number>();
  // Doubles the wait until a kill comes too late, and begins again in between.
  for (let turn = 0, waitMs = 0; turn < 12; turn++) {
    for (const end of ["-wal", "-shm"]) {
      await remove(`${dir.path}/oci.db${end}`);
    }
    await mustRun("cp", ["-a", `${dir.path}/first.db`, `${dir.path}/oci.db`]);
    await using child = spawnList(dir.path);
    await child.stderrMatches(/opens/);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    child.kill("SIGKILL");
    await child.result;
    const format = formatOf(dir.path);
    formats.add(format);
    waitMs = format === 1 ? waitMs + 5 : waitMs / 2;
    await using store = await Store.open(dir.path);
    assert.equal(store.listImages().length, 1500);
    assert.equal(formatOf(dir.path), NEWEST);
  }
  assert.ok(formats.has(1), "no kill came before the end");
});

/** A store of format 1 with the rows of many images, and no blobs. */
async function manyImages(count: number) {
  const dir = await tempDir();
  await (await Store.open(dir.path))[Symbol.asyncDispose]();
  {
    using database = Database.open(`${dir.path}/oci.db`, { sync: false });
    for (let number = 0; number < count; number++) {
      const image = buildImage({
        layers: [{ seed: 1 }],
        config: { author: `${number}` },
      });
      const record = recordOf(`docker.io/team/app:${number}`, image);
      recordImageRows(database, record, "2026-01-02T03:04:05.000Z");
    }
  }
  await toFormatOne(dir.path);
  return dir;
}

function look(store: Store) {
  return store.listImages().map((image) => ({
    ...image,
    layersOf: image.platforms.map(({ manifestDigest }) =>
      store.listLayers(manifestDigest)
    ),
    needs: [...store.upkeep.neededBlobs(image.reference).values()],
  }));
}

function configType(store: Store, reference: string): string | undefined {
  return store.upkeep.neededBlobs(reference).values()
    .find(({ kind }) => kind === "config")?.mediaType;
}

function formatOf(dir: string): number {
  using database = new DatabaseSync(`${dir}/oci.db`);
  return Number(
    database.prepare("PRAGMA user_version").get()?.["user_version"],
  );
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path).catch(() => undefined);
}
