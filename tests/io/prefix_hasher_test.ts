import assert from "node:assert/strict";
import { HashWorker } from "../../src/io/hash_worker.ts";
import { PrefixHasher } from "../../src/io/prefix_hasher.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";
import { digestOf, randomBytes } from "../testing/test_bytes.ts";

const BYTES = randomBytes(5_000_000);

async function writeBytes(dir: TempDir, bytes = BYTES): Promise<string> {
  const path = dir.join("file");
  await Deno.writeFile(path, bytes);
  return path;
}

for (const where of ["on this thread", "on a worker"]) {
  for (const algorithm of ["sha256", "sha512"] as const) {
    Deno.test(`PrefixHasher reads back what came out of order, ${algorithm} ${where}`, async () => {
      await using dir = await tempDir();
      using worker = new HashWorker();
      const hasher = new PrefixHasher(
        await writeBytes(dir),
        algorithm,
        where === "on a worker" ? worker : undefined,
      );
      hasher.update(0, BYTES.subarray(0, 1_000_000));
      hasher.update(3_000_000, BYTES.subarray(3_000_000));
      hasher.advance(1_000_000);
      hasher.advance(4_500_000);
      const digest = await hasher.finish(BYTES.length);
      assert.equal(digest, digestOf(BYTES, algorithm));
      await hasher.stop();
    });
  }

  Deno.test(`PrefixHasher knows the digest of nothing, ${where}`, async () => {
    await using dir = await tempDir();
    using worker = new HashWorker();
    const none = new Uint8Array();
    const hasher = new PrefixHasher(
      await writeBytes(dir, none),
      "sha256",
      where === "on a worker" ? worker : undefined,
    );
    assert.equal(await hasher.finish(0), digestOf(none));
  });

  Deno.test(`PrefixHasher stops half-way and leaves nothing running, ${where}`, async () => {
    await using dir = await tempDir();
    using worker = new HashWorker();
    const hasher = new PrefixHasher(
      await writeBytes(dir),
      "sha256",
      where === "on a worker" ? worker : undefined,
    );
    hasher.advance(4_000_000);
    await hasher.stop();
  });
}

Deno.test("PrefixHasher hashes in-order bytes from the caller's buffer, without a look at the file", async () => {
  const hasher = new PrefixHasher("/no/such/file", "sha256");
  for (let at = 0; at < BYTES.length; at += 1_000_000) {
    hasher.update(at, BYTES.subarray(at, at + 1_000_000));
    hasher.advance(at + 1_000_000);
  }
  assert.equal(await hasher.finish(BYTES.length), digestOf(BYTES));
});

Deno.test("PrefixHasher reports a file that cannot be read", async () => {
  const hasher = new PrefixHasher("/no/such/file", "sha256");
  hasher.advance(10);
  await assert.rejects(hasher.finish(10), { name: "LocalError", code: "io" });
});

Deno.test("PrefixHasher goes on on this thread where the worker fails", async () => {
  await using dir = await tempDir();
  using worker = new HashWorker();
  const path = dir.join("file");
  // The worker is told before the file is there.
  const hasher = new PrefixHasher(path, "sha256", worker);
  hasher.advance(3_000_000);
  await assert.rejects(worker.open("/no/such/file", "sha256").finish(1));
  await writeBytes(dir);
  assert.equal(await hasher.finish(BYTES.length), digestOf(BYTES));
});

Deno.test("HashWorker hashes several files at once, and ends with the last", async () => {
  await using dir = await tempDir();
  using worker = new HashWorker();
  const files = [1, 2, 3].map((seed) => randomBytes(700_000, seed));
  const digests = await Promise.all(files.map(async (bytes, position) => {
    const path = dir.join(`file-${position}`);
    await Deno.writeFile(path, bytes);
    const job = worker.open(path, "sha256");
    job.advance(300_000);
    return await job.finish(bytes.length);
  }));
  assert.deepEqual(digests, files.map((bytes) => digestOf(bytes)));
});

Deno.test("HashWorker gives up on its jobs when it is disposed", async () => {
  await using dir = await tempDir();
  const path = await writeBytes(dir);
  const worker = new HashWorker();
  const finished = worker.open(path, "sha256").finish(BYTES.length + 1);
  worker[Symbol.dispose]();
  await assert.rejects(finished, /closed/);
});
