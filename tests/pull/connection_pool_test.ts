import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { ConnectionPool } from "../../src/pull/connection_pool.ts";

Deno.test("ConnectionPool lends no more than it has", () => {
  const pool = new ConnectionPool(2);
  const first = pool.tryAcquire();
  assert.ok(first);
  assert.ok(pool.tryAcquire());
  assert.equal(pool.tryAcquire(), undefined);
  first.release();
  first.release();
  assert.equal(pool.idle, 1);
});

Deno.test("ConnectionPool.acquire() goes before tryAcquire(), in order", async () => {
  const pool = new ConnectionPool(1);
  const held = await pool.acquire();
  const order: number[] = [];
  const waiting = [1, 2].map(async (number) => {
    using _lease = await pool.acquire();
    order.push(number);
    assert.equal(pool.tryAcquire(), undefined);
  });
  held.release();
  assert.equal(pool.tryAcquire(), undefined);
  await Promise.all(waiting);
  assert.deepEqual(order, [1, 2]);
  assert.equal(pool.idle, 1);
});

Deno.test("ConnectionPool lends a connection again after a rest, or never where it is disposed", async () => {
  const pool = new ConnectionPool(1, { restTurns: 2 });
  const first = await pool.acquire();
  const next = pool.acquire();
  first.release();
  assert.equal(pool.tryAcquire(), undefined);
  (await next).release();
  assert.equal(pool.idle, 0);
  pool[Symbol.dispose](); // or the test would leave a turn behind
});

Deno.test("ConnectionPool lends all that rest again, however many turns apart they came back", async () => {
  const pool = new ConnectionPool(3, { restTurns: 2 });
  const leases = [await pool.acquire(), await pool.acquire()];
  const idle: number[] = [];
  const both = Promise.withResolvers<void>();
  pool.onIdle(() => {
    if (idle.push(pool.idle) === 2) both.resolve();
  });
  for (const lease of leases) {
    lease.release();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await both.promise;
  // The third is opened by nobody while the second may come back in a moment.
  assert.deepEqual(idle, [1, 3]);
});

Deno.test("ConnectionPool opens no further connection while one that was given back rests", async () => {
  const pool = new ConnectionPool(3, { restTurns: 2 });
  const first = await pool.acquire();
  first.release();
  assert.equal(pool.tryAcquire(), undefined);
  // Once it has come back, all who wait are served.
  await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  assert.equal(pool.idle, 0);
});

Deno.test("ConnectionPool lends one that was given back only once those that are being opened can be open", async () => {
  let nowMs = 0;
  const pool = new ConnectionPool(2, { restTurns: 1, now: () => nowMs });
  const first = await pool.acquire();
  nowMs = 30; // of which 10 ms are the request's
  first.release();
  const back = await pool.acquire();
  await pool.acquire();
  nowMs = 40;
  back.release();
  const startMs = performance.now();
  await pool.acquire();
  // 20 ms from when it was begun to be opened, 10 of which are over; timers are a little early.
  assert.ok(performance.now() - startMs > 8);
});

Deno.test("ConnectionPool.acquire() that is given up leaves no place behind", async () => {
  const pool = new ConnectionPool(1);
  const held = await pool.acquire();
  const controller = new AbortController();
  const waiting = pool.acquire(controller.signal);
  const reason = new Error("no more");
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(pool.acquire(controller.signal), reason);
  held.release();
  assert.ok(pool.tryAcquire());
});

Deno.test("ConnectionPool.run() gives the connection back after a failure", async () => {
  const pool = new ConnectionPool(1);
  await assert.rejects(
    pool.run(() => Promise.reject(new Error("broken"))),
    /broken/,
  );
  assert.equal(await pool.run(() => Promise.resolve(7)), 7);
  assert.equal(pool.idle, 1);
});

Deno.test("ConnectionPool.onIdle() tells of a connection that nobody waits for", async () => {
  const pool = new ConnectionPool(1);
  let told = 0;
  const stop = pool.onIdle(() => told++);
  const held = await pool.acquire();
  const waiting = pool.acquire();
  held.release();
  assert.equal(told, 0);
  (await waiting).release();
  assert.equal(told, 1);
  stop();
  (await pool.acquire()).release();
  assert.equal(told, 1);
});

Deno.test("ConnectionPool refuses a bound that is none", () => {
  for (const max of [0, -1, 1.5, NaN]) {
    assert.throws(() => new ConnectionPool(max), RangeError);
  }
});
