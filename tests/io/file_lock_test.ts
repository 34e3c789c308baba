import assert from "node:assert/strict";
import { lockFile, openLock, openSharedLock } from "../../src/io/file_lock.ts";
import { tempDir } from "../testing/temp_dir.ts";

Deno.test("openLock() keeps a second holder out until the first is done, and says so once", async () => {
  await using dir = await tempDir();
  const path = dir.join("lock");
  const order: string[] = [];
  const first = await openLock(path);
  const { promise: waiting, resolve: onWait } = Promise.withResolvers<void>();
  const second = openLock(path, {
    onWait: () => {
      order.push("waits");
      onWait();
    },
  });
  await waiting;
  order.push("released");
  await first[Symbol.asyncDispose]();
  await using _held = await second;
  assert.deepEqual(order, ["waits", "released"]);
});

Deno.test("openLock() lets those that share in together, and nobody beside an exclusive one", async () => {
  await using dir = await tempDir();
  const path = dir.join("lock");
  const signal = AbortSignal.abort(new Error("would wait"));
  {
    await using _one = await openLock(path, { shared: true });
    await using _two = await openLock(path, { shared: true });
    await assert.rejects(openLock(path, { signal }), /would wait/);
  }
  await using _exclusive = await openLock(path);
  await assert.rejects(openLock(path, { signal, shared: true }), /would wait/);
});

Deno.test("openLock() ends its wait when it is aborted, and then holds nothing", async () => {
  await using dir = await tempDir();
  const path = dir.join("lock");
  const first = await openLock(path);
  const abort = new AbortController();
  const waiter = openLock(path, {
    signal: abort.signal,
    onWait: () => abort.abort(new Error("enough")),
  });
  await assert.rejects(waiter, /enough/);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await using _free = await openLock(path, { signal: AbortSignal.abort() });
});

Deno.test("the death of its holder gives a lock back", async () => {
  await using dir = await tempDir();
  const path = dir.join("lock");
  const code = `
    import { openLock } from ${
    JSON.stringify(new URL("../../src/io/file_lock.ts", import.meta.url))
  };
    await openLock(${JSON.stringify(path)});
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `data:text/typescript,${encodeURI(code)}`],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  let waited = false;
  const second = openLock(path, {
    onWait: () => {
      waited = true;
      child.kill("SIGKILL");
    },
  });
  await using _held = await second;
  assert.ok(waited);
  await child.status;
  await reader.cancel();
});

for (const systemCode of ["ENOLCK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]) {
  Deno.test(`lockFile() says what to do where the file system answers ${systemCode}`, async () => {
    await using dir = await tempDir();
    const path = dir.join("lock");
    using file = await Deno.open(path, { write: true, create: true });
    const failure = Object.assign(new Error("no locks"), { code: systemCode });
    file.tryLockSync = () => {
      throw failure;
    };
    await assert.rejects(lockFile(file, path), {
      name: "LocalError",
      code: "io",
      exitCode: 7,
      message: `Cannot lock "${path}": the file system has no locks`,
      hint: "put the store on a local disk (--store DIR or DRAY_HOME)",
      cause: failure,
    });
  });
}

Deno.test("openSharedLock() locks with leave to read alone, and nothing where there is none", async () => {
  await using dir = await tempDir();
  const path = dir.join("lock");
  {
    await using _shared = await openSharedLock(path);
    const signal = AbortSignal.abort(new Error("would wait"));
    await assert.rejects(openLock(path, { signal }), /would wait/);
    await using _other = await openSharedLock(path, { signal });
  }
  await using _nowhere = await openSharedLock(dir.join("no", "folder", "lock"));
  assert.deepEqual([...Deno.readDirSync(dir.path)].length, 1);
  await Deno.remove(path);
  await Deno.symlink(dir.join("elsewhere"), path);
  await assert.rejects(openSharedLock(path), { code: "store-damaged" });
});

Deno.test("openLock() follows no planted link", async () => {
  await using dir = await tempDir();
  await Deno.symlink(dir.join("elsewhere"), dir.join("lock"));
  await assert.rejects(openLock(dir.join("lock")), { code: "store-damaged" });
});
