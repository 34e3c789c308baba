import assert from "node:assert/strict";
import { imageWith, maintainedStore } from "./maintained_store.ts";

/** Places in a store where somebody might plant a link that leads out of it. */
const PLACES = [
  "blobs",
  "blobs/sha256",
  "ingest",
  "index.json",
  "oci-layout",
  "oci.db",
  "oci.db-wal",
  "ingest/content.lock",
  "ingest/index.lock",
] as const;

const COMMANDS = [
  ["verify"],
  ["verify", "--repair"],
  ["prune"],
  ["df"],
  ["rm"],
  ["pull", "--force"],
] as const;

for (const place of PLACES) {
  Deno.test(`a link planted in place of ${place} is not followed by any command`, async () => {
    await using kit = await maintainedStore();
    const reference = await kit.pull("team/app:1", imageWith(2));
    const path = `${kit.dir}/${place}`;
    const victim = `${kit.dir}/../victim`;
    const isFolder = (await Deno.lstat(path).catch(() => undefined))
      ?.isDirectory === true;
    await Deno.remove(path, { recursive: true }).catch(() => undefined);
    if (isFolder) {
      await Deno.mkdir(victim);
      await Deno.writeTextFile(`${victim}/${"a".repeat(64)}`, "mine");
    } else await Deno.writeTextFile(victim, "mine");
    await Deno.symlink(victim, path);
    for (const command of COMMANDS) {
      const args = command[0] === "rm" || command[0] === "pull"
        ? [...command, reference]
        : command;
      const { code, stderr } = await kit.run(...args);
      // A lock that the command does not take is not looked at.
      if (!place.endsWith(".lock") || code !== 0) {
        assert.equal(code, 7, `${args.join(" ")}: ${stderr}`);
        assert.match(stderr, /symbolic link/);
      }
      assert.ok((await Deno.lstat(path)).isSymlink);
    }
    const left = isFolder
      ? [...Deno.readDirSync(victim)].map(({ name }) => name)
      : await Deno.readTextFile(victim);
    assert.deepEqual(left, isFolder ? ["a".repeat(64)] : "mine");
  });
}

Deno.test("a link planted in place of layers is neither counted nor pruned through", async () => {
  await using kit = await maintainedStore();
  await kit.pull("team/app:1", imageWith(2));
  const victim = `${kit.dir}/../victim`;
  await Deno.mkdir(`${victim}/sha256-${"a".repeat(64)}`, { recursive: true });
  await Deno.symlink(victim, `${kit.dir}/layers`);
  assert.equal(
    JSON.parse((await kit.run("df", "--json")).stdout).unpackedBytes,
    0,
  );
  assert.equal((await kit.run("prune")).code, 0);
  assert.equal([...Deno.readDirSync(victim)].length, 1);
});
