/**
 * A TCP proxy that makes loopback as slow to answer as a registry far away:
 * what either side sends arrives `delayMs` later, and a new connection pays a
 * round trip before its first byte, as a handshake would. Rate is not touched.
 *
 *     deno run --allow-net delay_proxy.ts LISTEN_PORT TARGET_PORT DELAY_MS
 */
import { setTimeout as wait } from "node:timers/promises";

interface Parcel {
  readonly bytes: Uint8Array;
  readonly dueAt: number;
}

async function forward(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  delayMs: number,
  firstDueAt: number,
): Promise<void> {
  const { readable, writable } = new TransformStream<Parcel, Parcel>(
    {},
    { highWaterMark: 4096 },
    { highWaterMark: 4096 },
  );
  const parcels = writable.getWriter();
  const deliver = (async () => {
    for await (const { bytes, dueAt } of readable) {
      const early = dueAt - performance.now();
      if (early > 0) await wait(early);
      for (let sent = 0; sent < bytes.length;) {
        sent += await to.write(bytes.subarray(sent));
      }
    }
    await to.closeWrite();
  })();
  const collect = (async () => {
    const buffer = new Uint8Array(64 * 1024);
    for (let n = await from.read(buffer); n; n = await from.read(buffer)) {
      const dueAt = Math.max(performance.now() + delayMs, firstDueAt);
      await parcels.write({ bytes: buffer.slice(0, n), dueAt });
    }
    await parcels.close();
  })();
  await Promise.all([deliver, collect]);
}

async function serve(
  client: Deno.TcpConn,
  targetPort: number,
  delayMs: number,
): Promise<void> {
  using near = client;
  const shookHandsAt = performance.now() + 2 * delayMs;
  using far = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
  near.setNoDelay();
  far.setNoDelay();
  await Promise.all([
    forward(near, far, delayMs, shookHandsAt + delayMs),
    forward(far, near, delayMs, 0),
  ]);
}

if (import.meta.main) {
  const [listenPort = 0, targetPort = 0, delayMs = 0] = Deno.args.map(Number);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: listenPort });
  console.log("listening");
  for await (const connection of listener) {
    serve(connection, targetPort, delayMs).catch(() => {
      // One side hung up in the middle, which clients may do at any time.
    });
  }
}
