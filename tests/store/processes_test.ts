import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Store } from "../../src/store/store.ts";
import { hashBytes } from "../../src/io/hash.ts";
import {
  mustRun,
  type RunningCommand,
  spawnCommand,
} from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { keyOf } from "./stored_fixture.ts";

const PROCESS = fileURLToPath(new URL("./store_process.ts", import.meta.url));

function argsOf(job: string, args: readonly string[]): readonly string[] {
  return ["run", "-A", "--quiet", "--no-check", PROCESS, job, ...args];
}

function spawn(job: string, ...args: readonly string[]): RunningCommand {
  return spawnCommand(Deno.execPath(), argsOf(job, args));
}

function run(job: string, ...args: readonly string[]): Promise<string> {
  return mustRun(Deno.execPath(), argsOf(job, args));
}

Deno.test("four processes record images in a fresh store at once, and none gets lost", async () => {
  await using dir = await tempDir();
  const names = ["one", "two", "three", "four"];
  const path = dir.join("store");
  await Promise.all(names.map((name) => run("record", path, name, "6")));
  await using store = await Store.open(path);
  const wanted = [
    "localhost/all:latest",
    ...names.flatMap((name) =>
      Array.from({ length: 6 }, (_, turn) => `localhost/${name}:${turn}`)
    ),
  ].sort();
  assert.deepEqual(
    store.listImages().map(({ reference }) => reference),
    wanted,
  );
  assert.deepEqual(await readReferences(path), wanted);
  await mustVerify(store);
});

Deno.test("a second process waits for a blob, and finds it committed", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const bytes = randomBytes(400_000);
  const key = keyOf(bytes);
  await using ingest = await store.openIngest(key);
  await using other = spawn("wait", dir.path, key.digest, `${key.size}`);
  await other.stderrMatches(/waits/);
  await ingest?.writeAt(0, bytes);
  await ingest?.commit();
  assert.equal((await other.result).stderr, "waits\ncommitted\n");
});

Deno.test("a second process takes over the bytes of one that was killed", async () => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path);
  const size = 300_000;
  await using other = spawn("hold", dir.path, `${size}`);
  await other.stderrMatches(/holds/);
  const waits = Promise.withResolvers<void>();
  const taken = store.openIngest(keyOf(randomBytes(size)), {
    onWait: waits.resolve,
  });
  await waits.promise;
  other.kill("SIGKILL");
  await other.result;
  await using ingest = await taken;
  assert.equal(ingest?.kept, 100_000);
});

Deno.test("kill -9 while a blob is written costs under 256 KiB for each place that is written to", async () => {
  await using dir = await tempDir();
  const size = 48 << 20;
  const places = 4;
  let killed = 0;
  let before = 0;
  for (let turn = 0; turn < 12; turn++) {
    await using child = spawn("ingest", dir.path, `${size}`, `${places}`);
    const [, said] = await child.stderrMatches(/kept (\d+)\n/);
    const kept = Number(said);
    assert.ok(
      kept >= before - places * (256 << 10),
      `${kept} kept of ${before}`,
    );
    await saysLines(child, 3 + 7 * (turn % 3));
    child.kill("SIGKILL");
    const { stderr } = await child.result;
    if (stderr.includes("committed")) break;
    before = Number(stderr.match(/written (\d+)\n/g)?.at(-1)?.match(/\d+/));
    killed++;
  }
  assert.ok(killed > 3, `killed ${killed} times`);
  await run("ingest", dir.path, `${size}`, `${places}`);
  await using store = await Store.open(dir.path);
  const { digest } = keyOf(randomBytes(size));
  const bytes = await Deno.readFile(store.blobPath(digest));
  assert.equal(hashBytes("sha256", bytes), digest);
});

Deno.test("kill -9 while images come and go leaves a store that works", async () => {
  await using dir = await tempDir();
  for (let turn = 0; turn < 10; turn++) {
    await using child = spawn("churn", dir.path);
    await saysLines(child, 1 + turn * 3);
    child.kill("SIGKILL");
    await child.result;
    await using store = await Store.open(dir.path);
    assert.deepEqual(
      await readReferences(dir.path),
      store.listImages().map(({ reference }) => reference),
    );
    await mustVerify(store);
  }
});

Deno.test("kill -9 while a fresh store is made leaves one that opens", async () => {
  for (let delayMs = 20; delayMs <= 80; delayMs += 4) {
    await using dir = await tempDir();
    await using child = spawn("list", dir.path);
    const timer = setTimeout(() => child.kill("SIGKILL"), delayMs);
    await child.result;
    clearTimeout(timer);
    await using store = await Store.open(dir.path);
    assert.deepEqual(store.listImages(), []);
    assert.deepEqual(await readReferences(dir.path), []);
  }
});

async function readReferences(dir: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`${dir}/index.json`);
  const manifests: readonly {
    readonly annotations: Readonly<Record<string, string>>;
  }[] = JSON.parse(text).manifests;
  return manifests.map(({ annotations }) =>
    annotations["org.opencontainers.image.ref.name"] ?? ""
  );
}

/** What a reference names is there, whole, and has its digest. */
async function mustVerify(store: Store): Promise<void> {
  const options = { maxBytes: 1 << 30 };
  for (const { digest, size, platforms } of store.listImages()) {
    await store.readBlobBytes({ digest, size }, options);
    for (const { manifestDigest, configDigest } of platforms) {
      await store.readBlobBytes({ digest: manifestDigest }, options);
      await store.readBlobBytes({ digest: configDigest }, options);
      for (const layer of store.listLayers(manifestDigest)) {
        await store.readBlobBytes(layer, options);
      }
    }
  }
}

/** Resolves once the process has said so much, or has ended before. */
async function saysLines(child: RunningCommand, lines: number): Promise<void> {
  const pattern = new RegExp(`^(?:.*\n){${lines}}`);
  // It rejects when the process ends without, which is as good here.
  await child.stderrMatches(pattern).catch(() => undefined);
}
