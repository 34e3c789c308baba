import assert from "node:assert/strict";
import {
  LocalError,
  parseDigest,
  RegistryClient,
  Store,
  TransferEngine,
  verify,
} from "../../src/mod.ts";
import type { TestBlob } from "../testing/image_builder.ts";
import { buildImage, buildMultiPlatform } from "../testing/image_builder.ts";
import { imageWith, maintainedStore } from "./maintained_store.ts";

const SOUND = { missing: [], corrupt: [] };

async function flipByte(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await Deno.writeFile(path, bytes);
}

function digestsOf(...blobs: readonly TestBlob[]): readonly string[] {
  return blobs.map(({ descriptor }) => descriptor.digest).sort();
}

Deno.test("verify() counts every blob and byte of a sound store", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  await kit.pull("team/app:1", image);
  await using store = await Store.open(kit.dir);
  const blobs = [image.root, ...image.blobs];
  assert.deepEqual(await verify(store), {
    ...SOUND,
    checked: blobs.length,
    bytes: blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
  });
});

Deno.test("verify() hashes big blobs on threads and tells how far it is", async () => {
  await using kit = await maintainedStore();
  const image = buildImage({
    layers: [
      { seed: 1, randomBytes: 24 << 20 },
      { seed: 2, randomBytes: 12 << 20 },
      { seed: 3, randomBytes: 1000 },
    ],
  });
  await kit.pull("team/app:1", image);
  await using store = await Store.open(kit.dir);
  const told: number[] = [];
  const onEvent: Parameters<typeof verify>[1] = {
    threads: 3,
    onEvent: (event) => {
      if (event.event === "verify-progress") told.push(event.bytes);
    },
  };
  const { bytes, missing, corrupt } = await verify(store, onEvent);
  assert.deepEqual([missing, corrupt], [[], []]);
  assert.equal(told[0], 0);
  assert.equal(told.at(-1), bytes);

  const [big] = image.layers;
  assert.ok(big);
  await flipByte(kit.blobPath(big));
  const damaged = await verify(store, { threads: 3 });
  assert.deepEqual(damaged.corrupt, digestsOf(big));
});

Deno.test("verify() ends with the signal's reason, on threads too", async () => {
  await using kit = await maintainedStore();
  const image = buildImage({
    layers: [1, 2, 3].map((seed) => ({ seed, randomBytes: 16 << 20 })),
  });
  await kit.pull("team/app:1", image);
  await using store = await Store.open(kit.dir);
  for (const threads of [1, 2]) {
    const controller = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(
      verify(store, {
        threads,
        signal: controller.signal,
        onEvent: () => controller.abort(reason),
      }),
      reason,
    );
  }
});

Deno.test("dray verify tells missing from corrupt, and exits with 6", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  await kit.pull("team/app:1", image);
  const [first, second] = image.layers;
  assert.ok(first && second);
  await flipByte(kit.blobPath(first));
  await Deno.remove(kit.blobPath(second));
  await Deno.truncate(kit.blobPath(image.config), 10);

  const { code, stdout, stderr } = await kit.run("verify", "--json");
  assert.equal(code, 6);
  assert.deepEqual(JSON.parse(stdout), {
    checked: 2,
    bytes: image.root.bytes.length + first.bytes.length,
    missing: digestsOf(second),
    corrupt: digestsOf(first, image.config),
  });
  assert.equal(
    JSON.parse(stderr.trim().split("\n").at(-1) ?? "").code,
    "content-damaged",
  );

  const text = await kit.run("verify", "--progress", "none");
  assert.deepEqual(text.stdout.trim().split("\n").sort(), [
    ...digestsOf(first, image.config).map((digest) => `corrupt ${digest}`),
    `missing ${second.descriptor.digest}`,
  ]);
  assert.match(
    text.stderr,
    /error: Cannot trust the store: it has 1 missing and 2 corrupt blobs\n.*hint: .*--repair/,
  );
});

Deno.test("dray verify REF looks at that image only", async () => {
  await using kit = await maintainedStore();
  const [good, bad] = [imageWith(2), imageWith(3)];
  const sound = await kit.pull("team/good:1", good);
  const damaged = await kit.pull("team/bad:1", bad);
  const own = bad.layers[1];
  assert.ok(own);
  await flipByte(kit.blobPath(own));
  assert.equal((await kit.run("verify", sound)).code, 0);
  assert.equal((await kit.run("verify", sound, damaged)).code, 6);
  const short = bad.root.descriptor.digest.slice(0, "sha256:".length + 12);
  assert.equal((await kit.run("verify", short)).code, 6);
  assert.equal((await kit.run("verify", "no/such:1")).code, 3);
});

Deno.test("dray verify --repair fetches every kind of damaged blob again, and nothing else", async () => {
  await using kit = await maintainedStore();
  const image = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  const reference = kit.registry.push("team/app", "1", image);
  await kit.run("pull", "-q", "--all-platforms", reference);
  const [one, two] = image.images;
  const [oneLayer] = one?.layers ?? [];
  const [twoLayer] = two?.layers ?? [];
  assert.ok(one && two && oneLayer && twoLayer);
  const damaged = [image.root, one.root, two.config, oneLayer, twoLayer];
  for (const blob of damaged.slice(0, 3)) await flipByte(kit.blobPath(blob));
  await Deno.remove(kit.blobPath(oneLayer));
  await Deno.remove(kit.blobPath(twoLayer));
  kit.registry.clear();

  const { code, stdout } = await kit.run("verify", "--repair", "--json");
  assert.equal(code, 0);
  const { missing, corrupt, repaired } = JSON.parse(stdout);
  assert.deepEqual([missing, corrupt], [[], []]);
  assert.deepEqual(repaired, [...new Set(digestsOf(...damaged))]);
  const fetched = kit.registry.requests.filter(({ method, path }) =>
    method === "GET" && /sha256:/.test(path)
  );
  assert.equal(fetched.length, repaired.length);
  assert.equal((await kit.run("verify")).code, 0);
});

Deno.test("dray verify --repair that finds no registry says why, exits with 6, and works later", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  await kit.pull("team/app:1", image);
  const [first] = image.layers;
  assert.ok(first);
  await flipByte(kit.blobPath(first));
  kit.registry.fault({
    match: /./,
    fault: (response) => ({ ...response, status: 404 }),
  });
  const failed = await kit.run("verify", "--repair", "--json");
  assert.equal(failed.code, 6);
  assert.deepEqual(JSON.parse(failed.stdout).missing, digestsOf(first));
  kit.registry.clearFaults();
  const mended = await kit.run("verify", "--repair", "--json");
  assert.equal(mended.code, 0, mended.stderr);
});

Deno.test("what verify --repair could not mend, the next pull mends", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  const reference = await kit.pull("team/app:1", image);
  for (const blob of [image.config, ...image.layers]) {
    await Deno.remove(kit.blobPath(blob));
  }
  assert.equal((await kit.run("verify")).code, 6);
  assert.equal((await kit.run("pull", "-q", reference)).code, 0);
  assert.equal((await kit.run("verify")).code, 0);
});

Deno.test("dray verify --repair takes out a corrupt blob that nobody needs", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  const reference = await kit.pull("team/app:1", image);
  await kit.run("rm", reference);
  const [first] = image.layers;
  assert.ok(first);
  await flipByte(kit.blobPath(first));
  kit.registry.clear();
  assert.equal((await kit.run("verify", "--repair")).code, 0);
  assert.equal(kit.registry.requests.length, 0);
  await assert.rejects(Deno.stat(kit.blobPath(first)), Deno.errors.NotFound);
});

Deno.test("dray verify --repair makes a new database where it is damaged, and names where the old one is", async () => {
  await using kit = await maintainedStore();
  const first = await kit.pull("team/app:1", imageWith(2));
  const second = await kit.pull("team/app:2", imageWith(3));
  const database = `${kit.dir}/oci.db`;
  const damages: readonly (() => Promise<void>)[] = [
    () => Deno.writeTextFile(database, "this is no database\n".repeat(500)),
    async () => {
      using file = await Deno.open(database, { write: true });
      for (const page of [1, 3, 5, 7, 9]) {
        await file.seek(page * 4096, Deno.SeekMode.Start);
        await file.write(new Uint8Array(4096).fill(0xA5));
      }
    },
    () => Deno.remove(database),
  ];
  for (const damage of damages) {
    await damage();
    const { code, stderr } = await kit.run("verify", "--repair");
    assert.equal(code, 0, stderr);
    assert.equal(
      (await kit.run("images", "-q")).stdout,
      `${first}\n${second}\n`,
    );
  }
  const aside = [...Deno.readDirSync(kit.dir)].map(({ name }) => name)
    .filter((name) => /^oci\.db\.damaged-\d+$/.test(name));
  assert.equal(aside.length, 2);
});

Deno.test("dray verify --repair leaves a newer store's database alone", async () => {
  await using kit = await maintainedStore();
  await kit.pull("team/app:1", imageWith(2));
  const { DatabaseSync } = await import("node:sqlite");
  {
    using database = new DatabaseSync(`${kit.dir}/oci.db`);
    database.exec("PRAGMA user_version = 900");
  }
  const { code, stderr } = await kit.run("verify", "--repair");
  assert.equal(code, 7);
  assert.match(stderr, /format 900/);
  const names = [...Deno.readDirSync(kit.dir)].map(({ name }) => name);
  assert.ok(!names.some((name) => name.includes("damaged")));
});

Deno.test("mend() waits for whoever uses the store, until its signal", async () => {
  await using kit = await maintainedStore();
  await kit.pull("team/app:1", imageWith(2));
  await using store = await Store.open(kit.dir);
  await using _kept = await store.retain();
  const { DatabaseSync } = await import("node:sqlite");
  {
    using database = new DatabaseSync(`${kit.dir}/oci.db`);
    database.exec("PRAGMA user_version = 0");
  }
  const interrupt = new AbortController();
  const onWait = (): void => interrupt.abort(new Error("enough"));
  await assert.rejects(
    Store.mend(kit.dir, { signal: interrupt.signal, onWait }),
    /^Error: enough$/,
  );
});

Deno.test("dray verify --repair writes a lost index.json again", async () => {
  await using kit = await maintainedStore();
  await kit.pull("team/app:1", imageWith(2));
  const path = `${kit.dir}/index.json`;
  const before = await Deno.readTextFile(path);
  await Deno.remove(path);
  assert.equal((await kit.run("verify", "--repair")).code, 0);
  assert.equal(await Deno.readTextFile(path), before);
});

Deno.test("verify() that can't go on with a repair ends all that it began", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  await kit.pull("team/app:1", image);
  await using store = await Store.open(kit.dir);
  for (const { descriptor } of image.layers) {
    await store.dropBlob(parseDigest(descriptor.digest));
  }
  const full = new LocalError("disk-full", "Cannot write: the disk is full");
  let begun = 0;
  let ended = 0;
  const engine = {
    transfer: async (
      _repository: unknown,
      _descriptor: unknown,
      { signal }: { readonly signal?: AbortSignal | undefined },
    ): Promise<void> => {
      if (++begun > 1) throw full;
      await new Promise((resolve) =>
        signal?.addEventListener("abort", resolve)
      );
      await Promise.resolve();
      ended++;
      signal?.throwIfAborted();
    },
  };
  using client = new RegistryClient();
  await assert.rejects(verify(store, { repair: { client, engine } }), full);
  assert.deepEqual([begun, ended], [2, 1]);
});

Deno.test("two repairs at once leave every blob sound", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2, 400_000);
  await kit.pull("team/app:1", image);
  for (const layer of image.layers) await flipByte(kit.blobPath(layer));
  const results = await Promise.all([1, 2, 3].map(async () => {
    await using store = await Store.open(kit.dir);
    const client = new RegistryClient();
    using engine = new TransferEngine({ client, store });
    return await verify(store, { repair: { client, engine } });
  }));
  for (const result of results) assert.deepEqual(result.missing, []);
  assert.equal((await kit.run("verify")).code, 0);
});

Deno.test("a link planted in a blob's place is damage, is not read, and goes with --repair", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  await kit.pull("team/app:1", image);
  const [first] = image.layers;
  assert.ok(first);
  const victim = `${kit.dir}/../victim`;
  await Deno.writeFile(victim, first.bytes);
  await Deno.remove(kit.blobPath(first));
  await Deno.symlink(victim, kit.blobPath(first));
  assert.deepEqual(
    JSON.parse((await kit.run("verify", "--json")).stdout).corrupt,
    digestsOf(first),
  );
  assert.equal((await kit.run("verify", "--repair")).code, 0);
  assert.ok((await Deno.lstat(kit.blobPath(first))).isFile);
  assert.deepEqual(await Deno.readFile(victim), first.bytes);
});

Deno.test("a digest that changed anywhere in the database is damage, no blob goes, and dray verify --repair makes a new one", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  const reference = await kit.pull("team/app:1", image);
  const path = `${kit.dir}/oci.db`;
  const sound = await Deno.readFile(path);
  const names = () =>
    [...Deno.readDirSync(`${kit.dir}/blobs/sha256`)].map(({ name }) => name);
  const blobs = names().sort();
  const digests = [image.root, image.config, ...image.layers]
    .map(({ descriptor }) => descriptor.digest);
  const places = digests.flatMap((digest) => placesOf(sound, digest));
  assert.ok(places.length >= 10, "rows and indexes");
  for (const place of places) {
    await Deno.writeFile(path, flipBit(sound, place));
    await kit.run("prune");
    assert.deepEqual(names().sort(), blobs);
    await Deno.writeFile(path, flipBit(sound, place));
    const { code, stdout, stderr } = await kit.run("verify", "--json");
    assert.deepEqual([code, stdout], [7, ""], stderr);
    assert.match(stderr, /oci\.db.*dray verify --repair/);
  }
  const mended = await kit.run("verify", "--repair");
  assert.equal(mended.code, 0, mended.stderr);
  assert.equal((await kit.run("images", "-q")).stdout, `${reference}\n`);
});

/** Where a digest's last character stands in a file. */
function placesOf(bytes: Uint8Array, digest: string): readonly number[] {
  // A character a byte.
  const text = new TextDecoder("latin1").decode(bytes);
  return [...text.matchAll(new RegExp(digest, "g"))]
    .map(({ index }) => index + digest.length - 1);
}

function flipBit(bytes: Uint8Array, place: number): Uint8Array {
  return bytes.map((byte, index) => index === place ? byte ^ 1 : byte);
}

for (
  const damage of [
    "PRAGMA user_version = 0",
    "PRAGMA user_version = 2",
    "DROP TABLE image_manifests; DROP TABLE images",
    "ALTER TABLE layers RENAME COLUMN size TO sise",
    "UPDATE images SET size_bytes = 9223372036854775807",
    "UPDATE images SET digest = 'sha256:zz', manifest_digest = 'sha256:zz'",
  ]
) {
  Deno.test(`dray verify --repair makes a new database after ${damage}`, async () => {
    await using kit = await maintainedStore();
    const reference = await kit.pull("team/app:1", imageWith(2));
    const { DatabaseSync } = await import("node:sqlite");
    {
      using database = new DatabaseSync(`${kit.dir}/oci.db`);
      database.exec(`PRAGMA foreign_keys = OFF; ${damage}`);
    }
    const before = await kit.run("df");
    assert.equal(before.code, 7, before.stdout);
    assert.match(
      before.stderr,
      /^dray: error: Cannot .*oci\.db": .{1,80}\nhint: .*dray verify --repair\n$/,
    );
    const { code, stderr } = await kit.run("verify", "--repair");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /the database was damaged/);
    assert.equal((await kit.run("images", "-q")).stdout, `${reference}\n`);
  });
}
