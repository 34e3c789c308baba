import assert from "node:assert/strict";
import { openLock } from "../../src/io/file_lock.ts";
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

Deno.test("openLock() follows no planted link", async () => {
  await using dir = await tempDir();
  await Deno.symlink(dir.join("elsewhere"), dir.join("lock"));
  await assert.rejects(openLock(dir.join("lock")), { code: "store-damaged" });
});
