import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Store } from "../../src/store/store.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { buildImage } from "../testing/image_builder.ts";
import { mustRun, runCommand } from "../testing/run_command.ts";
import { storeImage } from "./stored_fixture.ts";

Deno.test("open() makes a store that only its owner may enter, even without a umask", async () => {
  await using dir = await tempDir();
  const path = dir.join("a", "store");
  const before = Deno.umask(0);
  try {
    await using _store = await Store.open(path);
  } finally {
    Deno.umask(before);
  }
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700);
  assert.deepEqual(
    JSON.parse(await Deno.readTextFile(`${path}/oci-layout`)),
    { imageLayoutVersion: "1.0.0" },
  );
  assert.deepEqual(
    JSON.parse(await Deno.readTextFile(`${path}/index.json`)),
    {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [],
    },
  );
});

Deno.test("open() takes a store whose own folder is a link, since the user named it", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(dir.join("real"));
  await Deno.symlink(dir.join("real"), dir.join("link"));
  await using _store = await Store.open(dir.join("link"));
  assert.ok((await Deno.stat(dir.join("real", "oci.db"))).isFile);
});

const PLANTED = [
  "blobs",
  "blobs/sha256",
  "ingest",
  "index.json",
  "oci-layout",
  "oci.db",
  "oci.db-wal",
  "ingest/index.lock",
  "ingest/migrate.lock",
];

for (const name of PLANTED) {
  Deno.test(`open() follows no link planted as ${name}`, async () => {
    await using dir = await tempDir();
    await using victims = await tempDir();
    const isFolder = !name.includes(".") && name !== "oci-layout";
    const victim = victims.join("victim");
    if (isFolder) await Deno.mkdir(victim);
    else await Deno.writeTextFile(victim, "untouched");
    const parent = name.split("/").slice(0, -1).join("/");
    await Deno.mkdir(dir.join(parent), { recursive: true });
    await Deno.symlink(victim, dir.join(name));
    await assert.rejects(Store.open(dir.path), {
      name: "LocalError",
      code: "store-damaged",
      message: /it is a symbolic link, not a (folder|regular file)/,
    });
    if (isFolder) assert.deepEqual([...Deno.readDirSync(victim)], []);
    else assert.equal(await Deno.readTextFile(victim), "untouched");
  });
}

Deno.test("open() refuses a store in a newer format, naming both", async () => {
  await using dir = await tempDir();
  await using _store = await Store.open(dir.path);
  {
    using database = new DatabaseSync(dir.join("oci.db"));
    database.exec("PRAGMA user_version = 99");
  }
  await assert.rejects(Store.open(dir.path), {
    name: "LocalError",
    code: "store-too-new",
    exitCode: 7,
    message: /format 99, this dray knows formats up to 3$/,
    details: { path: dir.join("oci.db"), found: 99, supported: 3 },
  });
});

Deno.test("open() calls a file that is no database damaged, and helps on", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("oci.db"), "no database\n".repeat(1000));
  await assert.rejects(Store.open(dir.path), {
    name: "LocalError",
    code: "store-damaged",
    hint: /dray verify --repair$/,
  });
});

Deno.test("open() says io where a file is in the place of the store", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("file"), "");
  await assert.rejects(Store.open(dir.join("file")), {
    name: "LocalError",
    exitCode: 7,
  });
  await assert.rejects(Store.open(dir.join("file", "below")), {
    name: "LocalError",
    exitCode: 7,
  });
});

Deno.test("open() in a folder without the right to write is permission-denied", async () => {
  await using dir = await tempDir();
  await Deno.chmod(dir.path, 0o755);
  const opened = await openAsNobody(dir.join("store"));
  assert.match(opened, /^LocalError permission-denied Cannot create ".*store"/);
});

Deno.test("open() of a store that another user owns is permission-denied", async () => {
  await using dir = await tempDir();
  await Deno.chmod(dir.path, 0o755);
  {
    await using _store = await Store.open(dir.join("store"));
  }
  const closed = await openAsNobody(dir.join("store"));
  assert.match(closed, /^LocalError permission-denied /);
  await Deno.chmod(dir.join("store"), 0o755);
  for (const name of ["blobs", "blobs/sha256", "blobs/sha512", "ingest"]) {
    await Deno.chmod(dir.join("store", name), 0o755);
  }
  const readable = await openAsNobody(dir.join("store"), "write");
  assert.match(readable, /^LocalError permission-denied /);
});

Deno.test("openToRead() reads a store of which another user lets only read", async () => {
  await using dir = await tempDir();
  const image = buildImage({ layers: [{ seed: 1, randomBytes: 99 }] });
  {
    await using store = await Store.open(dir.join("store"));
    await storeImage(store, "docker.io/team/app:v1", image);
  }
  await mustRun("chmod", ["-R", "a+rX", dir.path]);
  const read = await runAsNobody(`
    await using store = await Store.openToRead(${
    JSON.stringify(dir.join("store"))
  });
    const { missing, corrupt, checked } = await verify(store);
    store.touchImage("docker.io/team/app:v1");
    const [image] = store.listImages();
    console.log(image.reference, checked, missing, corrupt);
    console.log(diskUsage(store).blobs);
  `);
  assert.equal(read, "docker.io/team/app:v1 3 [] []\n3\n");
  // What its owner lets nobody see is no empty store.
  await Deno.chmod(dir.join("store"), 0o700);
  const closed = await runAsNobody(
    `await Store.openToRead(${JSON.stringify(dir.join("store"))});`,
  );
  assert.match(closed, /^LocalError permission-denied Cannot open ".*store/);
});

Deno.test("openToRead() takes part in the lock of a store that is another's, and so a prune waits", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  await (await store.retain())[Symbol.asyncDispose]();
  await using reader = await Store.openToRead(dir.path);
  const kept = await reader.retain();
  const waited = Promise.withResolvers<void>();
  const alone = store.upkeep.lockContent({ onWait: waited.resolve });
  await waited.promise;
  await kept[Symbol.asyncDispose]();
  await (await alone)[Symbol.asyncDispose]();
});

Deno.test("openToRead() refuses a newer format, and a database that is none", async () => {
  await using dir = await tempDir();
  {
    await using _store = await Store.open(dir.path);
    using database = new DatabaseSync(dir.join("oci.db"));
    database.exec("PRAGMA user_version = 99");
  }
  await assert.rejects(Store.openToRead(dir.path), { code: "store-too-new" });
  await Deno.writeTextFile(dir.join("oci.db"), "no database\n".repeat(1000));
  await assert.rejects(Store.openToRead(dir.path), { code: "store-damaged" });
});

Deno.test("open() needs leave to read and write, and says so", {
  permissions: { read: true, write: false, env: true },
}, async () => {
  await assert.rejects(Store.open("/tmp/dray-no-leave"), {
    code: "permission-denied",
    message: /permission denied$/,
  });
});

/** Tests may run as root, whom no permission stops. */
function openAsNobody(dir: string, then = ""): Promise<string> {
  return runAsNobody(`
    const store = await Store.open(${JSON.stringify(dir)});
    if (${JSON.stringify(then)} === "write") {
      const digest = "sha256:${"0".repeat(64)}";
      await store.openIngest({ digest, size: 1 });
    }
    console.log("opened");
  `);
}

async function runAsNobody(body: string): Promise<string> {
  const code = `
    import { diskUsage, Store, verify } from ${
    JSON.stringify(new URL("../../src/mod.ts", import.meta.url))
  };
    try {
      ${body}
    } catch (error) {
      console.log(error.name, error.code, error.message);
    }`;
  const deno = ["run", "-A", "--quiet", "--no-lock", "-"];
  const isRoot = Deno.uid() === 0;
  const [program, ...args] = isRoot
    ? ["setpriv", "--reuid=65534", "--clear-groups", Deno.execPath(), ...deno]
    : [Deno.execPath(), ...deno];
  await using cache = await tempDir();
  await Deno.chmod(cache.path, 0o777);
  const { stdout, stderr } = await runCommand(program ?? "", args, {
    stdin: code,
    cwd: cache.path,
    env: { DENO_DIR: cache.path, HOME: cache.path },
  });
  return stdout || stderr;
}
