import assert from "node:assert/strict";
import type { ByteRange } from "../../src/io/byte_range.ts";
import {
  reserveSpace,
  type SpaceReservation,
} from "../../src/io/reserve_space.ts";
import { sleep } from "../../src/http/sleep.ts";
import { lastsLonger, SpaceReserve } from "../../src/store/space_reserve.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import { Store } from "../../src/store/store.ts";
import { allocatedBytes, canReserve } from "../testing/can_reserve.ts";
import {
  type FakeRegistry,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import { BLOBS, stallAfter } from "../testing/faults.ts";
import { buildImage, type TestImage } from "../testing/image_builder.ts";
import { spawnDray } from "../testing/run_dray.ts";
import { canMountDisks, smallDisk } from "../testing/small_disk.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "../cli/fake_host.ts";

const MIB = 1 << 20;
const noReserve = !(await canReserve());
const noDisks = noReserve || !(await canMountDisks());

const PACES: readonly [
  Parameters<typeof lastsLonger>[0],
  boolean,
  string,
][] = [
  [{ bytes: 8 * MIB, written: 0, looks: 1 }, true, "nothing came yet"],
  [{ bytes: 5 * MIB, written: 4 * MIB, looks: 1 }, true, "the first second"],
  [{ bytes: 3 * MIB, written: 4 * MIB, looks: 1 }, false, "nearly over"],
  [{ bytes: 3 * MIB, written: 4 * MIB, looks: 2 }, true, "slower since"],
  [{ bytes: 9, written: 0, looks: 99 }, false, "too little to lack room"],
];
Deno.test("lastsLonger() compares the rest with the pace so far", () => {
  for (const [pace, expected, what] of PACES) {
    assert.equal(lastsLonger(pace), expected, what);
  }
});

/** A partial of which 4 to 16 MiB are missing, with a reservation that ends as told. */
async function fixture(
  { free, reserved }: {
    /** What is found, one time after the other. */
    readonly free: readonly (number | undefined)[];
    /** By an earlier run. */
    readonly reserved?: ByteRange;
  },
) {
  const dir: TempDir = await tempDir();
  const path = dir.join("partial");
  const file = await Deno.open(path, { createNew: true, write: true });
  await file.truncate(4 * MIB);
  if (reserved !== undefined) await reserveSpace(path, reserved)?.done;
  const asked: ByteRange[] = [];
  const began = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<boolean>();
  const judged = Promise.withResolvers<void>();
  let judgements = 0;
  const reserve = new SpaceReserve({
    path,
    file,
    missing: () => [{ start: 4 * MIB, end: 16 * MIB }],
  }, {
    lookEveryMs: 1,
    reserve(_path, range): SpaceReservation {
      asked.push(range);
      began.resolve();
      return { done: ended.promise, stop: () => ended.resolve(false) };
    },
    findFree() {
      const bytes = free[judgements++];
      if (judgements === free.length) judged.resolve();
      return Promise.resolve(bytes);
    },
  });
  return {
    reserve,
    file,
    asked,
    began: began.promise,
    end: ended.resolve,
    judged: judged.promise,
    async [Symbol.asyncDispose]() {
      await reserve.close();
      file.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

Deno.test("SpaceReserve asks once for all that is missing, and is content with it", async () => {
  await using kit = await fixture({ free: [12 * MIB] });
  await kit.began;
  kit.end(true);
  await kit.reserve.close();
  kit.reserve.check();
  assert.deepEqual(kit.asked, [{ start: 4 * MIB, end: 16 * MIB }]);
});

const FULL = {
  code: "disk-full",
  message:
    /^Cannot reserve space for ".*": 12582912 bytes are to be written and 5242880 are free$/,
};

Deno.test("SpaceReserve ends a download for which there is no room any more, and takes none of what is left", async () => {
  await using kit = await fixture({ free: [5 * MIB] });
  kit.reserve.check();
  await kit.judged;
  await sleep(0);
  assert.throws(() => kit.reserve.check(), FULL);
  await kit.reserve.close();
  assert.deepEqual(kit.asked, []);
});

Deno.test("SpaceReserve ends a download whose room another takes at the same time", async () => {
  await using kit = await fixture({ free: [12 * MIB, 5 * MIB] });
  await kit.began;
  kit.reserve.check();
  kit.end(false);
  await kit.judged;
  await sleep(0);
  assert.throws(() => kit.reserve.check(), FULL);
});

for (const free of [12 * MIB, undefined]) {
  Deno.test(`SpaceReserve goes on without where the file system can't, with ${free} bytes free`, async () => {
    await using kit = await fixture({ free: [free, free] });
    await kit.began;
    kit.end(false);
    await kit.judged;
    await sleep(0);
    kit.reserve.check();
  });
}

Deno.test("SpaceReserve counts what an earlier run reserved as room", {
  ignore: noReserve,
}, async () => {
  const reserved = { start: 0, end: 12 * MIB };
  await using kit = await fixture({ free: [5 * MIB], reserved });
  await kit.began;
  kit.end(true);
  await kit.reserve.close();
  kit.reserve.check();
});

Deno.test("SpaceReserve fails nothing that ends by itself when the disk won't take back what is not used", async () => {
  await using kit = await fixture({ free: [12 * MIB] });
  await kit.began;
  kit.file.truncateSync = () => {
    throw new Error("No space left on device (os error 28)");
  };
  await kit.reserve.close();
});

Deno.test("SpaceReserve does not wait for a reservation that takes long when it is closed", async () => {
  await using kit = await fixture({ free: [12 * MIB] });
  await kit.began;
  await kit.reserve.close();
  kit.reserve.check();
});

Deno.test({
  name:
    "a partial has room for all that it lacks while it is open, and what is past its end goes back",
  ignore: noReserve,
  async fn() {
    await using dir = await tempDir();
    await using store = await Store.open(dir.path);
    const key = { digest: `sha256:${"0".repeat(64)}`, size: 32 * MIB } as const;
    const ingest = await store.openIngest(key);
    assert.ok(ingest);
    await ingest.writeAt(0, new Uint8Array(MIB));
    // With a hole before it.
    await ingest.writeAt(24 * MIB, new Uint8Array(MIB));
    await until(() => allocatedBytes(ingest.path) >= key.size);
    assert.equal(Deno.statSync(ingest.path).size, 25 * MIB);
    const reserved = () => store.space.reservedBytes(new Set([key.digest]));
    assert.ok(near(reserved(), 30 * MIB));
    // For nobody but this blob: others find no room there.
    const other = parseDigest(`sha256:${"1".repeat(64)}`);
    assert.equal(store.space.reservedBytes(new Set([other])), 0);
    await ingest[Symbol.asyncDispose]();
    // Whoever takes its place may be writing into the gap by now.
    assert.ok(near(allocatedBytes(ingest.path), 25 * MIB));
    assert.equal(Deno.statSync(ingest.path).size, 25 * MIB);
    assert.ok(near(reserved(), 23 * MIB));
    await using again = await store.openIngest(key);
    assert.equal(again?.kept, 2 * MIB);
  },
});

Deno.test({
  name:
    "dray pull ends with 7 as soon as the rest finds no room, keeps what came, and goes on",
  ignore: noDisks,
  async fn() {
    await using registry = startFakeRegistry();
    await using disk = await smallDisk(24 << 10);
    const { image, args } = pushLarge(registry, disk);
    const slow = [...args, "--limit-rate", "3M"];
    await using child = spawnDray(slow);
    const partial = partialOf(`${disk.path}/s`, image);
    await until(() => isThere(partial));
    // Once it has found that there is room, and before it reserves it.
    child.kill("SIGSTOP");
    await disk.fillUp(11 * MIB);
    child.kill("SIGCONT");
    const { code, stderr } = await child.result;
    assert.equal(code, 7, stderr);
    assert.match(
      stderr,
      /the disk is full, \d{8} more bytes are to be written and \d+ are free in "/,
    );
    await disk.makeRoom();
    const { stdout } = await runInProcess([...args, "--json"]);
    assert.match(stdout, /"status":"resumed"/);
  },
});

Deno.test({
  name:
    "what kill -9 left reserved is room for the pull that goes on, and for no other",
  ignore: noDisks,
  async fn() {
    await using registry = startFakeRegistry();
    await using disk = await smallDisk(24 << 10);
    const { image, args } = pushLarge(registry, disk);
    registry.fault({ match: BLOBS, fault: stallAfter(MIB) });
    const partial = partialOf(`${disk.path}/s`, image);
    {
      await using child = spawnDray(args);
      await child.stderrMatches(/to download/);
      await until(() =>
        isThere(partial) && allocatedBytes(partial) >= 16 * MIB
      );
      child.kill("SIGKILL");
      await child.result;
    }
    const usage = await runInProcess([
      "df",
      "--json",
      "--store",
      args[2] ?? "",
    ]);
    assert.ok(JSON.parse(usage.stdout).partialBytes >= 16 * MIB);
    registry.clearFaults();
    const other = registry.push(
      "a",
      "other",
      buildImage({ layers: [{ seed: 2, randomBytes: 10 * MIB }] }),
    );
    const refused = await runInProcess([
      "pull",
      "--store",
      args[2] ?? "",
      other,
    ]);
    assert.equal(refused.code, 7);
    assert.match(
      refused.stderr,
      /Cannot pull ".*": \d{8} bytes are to be written and \d{7} are free/,
    );
    assert.match(refused.stderr, /hint: .*--partials-older-than 0/);
    const { code, stderr } = await runInProcess(args);
    assert.equal(code, 0, stderr);
  },
});

Deno.test({
  name:
    "an interrupted dray pull gives back what it had reserved past the end of what came",
  ignore: noReserve,
  async fn() {
    await using registry = startFakeRegistry();
    await using dir = await tempDir();
    const image = buildImage({ layers: [{ randomBytes: 16 * MIB }] });
    const reference = registry.push("a", "b", image);
    registry.fault({ match: BLOBS, fault: stallAfter(MIB) });
    const store = dir.join("s");
    await using child = spawnDray(["pull", "--store", store, reference]);
    const partial = partialOf(store, image);
    await child.stderrMatches(/to download/);
    await until(() => isThere(partial) && allocatedBytes(partial) >= 16 * MIB);
    child.kill("SIGINT");
    assert.equal((await child.result).code, 130);
    const { size } = Deno.statSync(partial);
    assert.ok(size < 16 * MIB);
    assert.ok(allocatedBytes(partial) <= size + (64 << 10));
  },
});

/** But for the blocks that a file system rounds up to, and keeps books in. */
function near(bytes: number, expected: number): boolean {
  return Math.abs(bytes - expected) <= 64 << 10;
}

/** Pushes an image of 16 MiB; with the arguments that pull it into a store on a disk. */
function pushLarge(registry: FakeRegistry, disk: { readonly path: string }) {
  const image = buildImage({ layers: [{ randomBytes: 16 * MIB }] });
  const reference = registry.push("a", "b", image);
  return { image, args: ["pull", "--store", `${disk.path}/s`, reference] };
}

/** Where the first layer of an image is while it comes. */
function partialOf(store: string, { layers }: TestImage): string {
  return `${store}/ingest/${layers[0]?.descriptor.digest.replace(":", "-")}`;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let waits = 0; !isSo(); waits++) {
    assert.ok(waits < 1000, "it never came to be");
    await sleep(10);
  }
}
