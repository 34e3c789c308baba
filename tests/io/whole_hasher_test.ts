import assert from "node:assert/strict";
import { WholeHasher, WholeHashes } from "../../src/io/whole_hasher.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { digestOf, randomBytes } from "../testing/test_bytes.ts";

const BYTES = randomBytes(3_000_001);

Deno.test("WholeHasher reads back what came in pieces, in whatever order", async () => {
  await using dir = await tempDir();
  const path = dir.join("file");
  await Deno.writeFile(path, BYTES);
  using file = await Deno.open(path);
  for (const algorithm of ["sha256", "sha512"] as const) {
    const target = { path, algorithm, file };
    const hasher = new WholeHasher(new WholeHashes(), target, BYTES.length);
    hasher.update(2_000_000, BYTES.subarray(2_000_000));
    hasher.update(0, BYTES.subarray(0, 2_000_000));
    hasher.advance();
    assert.equal(await hasher.finish(), digestOf(BYTES, algorithm));
    await hasher.stop();
  }
});

Deno.test("WholeHasher hashes what came in one piece without a look at the file, and lets go of the memory at once", async () => {
  const bytes = BYTES.slice();
  const file = {
    seekSync: () => assert.fail("looked at the file"),
    readSync: () => assert.fail("looked at the file"),
  };
  const target = { path: "none", algorithm: "sha256", file } as const;
  const hasher = new WholeHasher(new WholeHashes(), target, bytes.length);
  hasher.update(0, bytes);
  bytes.fill(0);
  assert.equal(await hasher.finish(), digestOf(BYTES));
});

Deno.test("WholeHashes.hash() hashes many files of different sizes, few at a time", async () => {
  let reading = 0;
  const hashes = new WholeHashes();
  const sizes = [10, 70_000, 0, 1_000_000, 5, 300_000];
  const digests = await Promise.all(sizes.map((size) => {
    let position = 0;
    const file = {
      seekSync: () => reading++,
      readSync: (into: Uint8Array) => {
        const part = BYTES.subarray(position, Math.min(position + 4096, size));
        into.set(part.subarray(0, into.length));
        position += part.length;
        return part.length || null;
      },
    };
    const target = { path: "none", algorithm: "sha256", file } as const;
    return hashes.hash(target, size);
  }));
  assert.equal(reading, sizes.length);
  assert.deepEqual(
    digests,
    sizes.map((size) => digestOf(BYTES.subarray(0, size))),
  );
});

Deno.test("WholeHashes.hash() refuses a file that is too short, and hashes the next all the same", async () => {
  const hashes = new WholeHashes();
  const file = { seekSync: () => 0, readSync: () => null };
  const target = { path: "/some/file", algorithm: "sha256", file } as const;
  const attempts = await Promise.allSettled(
    [1, 2, 3, 4].map((size) => hashes.hash(target, size)),
  );
  for (const attempt of attempts) {
    assert.ok(attempt.status === "rejected");
    assert.ok(attempt.reason instanceof Deno.errors.UnexpectedEof);
  }
  assert.equal(await hashes.hash(target, 0), digestOf(new Uint8Array()));
});
