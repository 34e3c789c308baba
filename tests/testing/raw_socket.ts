/** A TCP port that does not speak HTTP: to see what a client does with it. */
export interface RawSocket extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** The first bytes of each connection, as latin1. */
  readonly received: readonly string[];
}

/**
 * Listens on loopback. With an answer, it is written to each connection's first bytes, and the
 * connection closes: an empty one just hangs up. Without, nothing ever comes back.
 */
export function startRawSocket(answer?: Uint8Array | string): RawSocket {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const bytes = typeof answer === "string"
    ? new TextEncoder().encode(answer)
    : answer;
  const open = new Set<Deno.Conn>();
  const tasks: Promise<void>[] = [];
  const received: string[] = [];
  const accepting = accept();
  return {
    host: `127.0.0.1:${listener.addr.port}`,
    port: listener.addr.port,
    received,
    get connections() {
      return tasks.length;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const conn of open) conn.close();
      open.clear();
      await accepting;
      await Promise.all(tasks);
    },
  };

  async function accept(): Promise<void> {
    for await (const conn of listener) tasks.push(serve(conn));
  }

  async function serve(conn: Deno.TcpConn): Promise<void> {
    open.add(conn);
    const buffer = new Uint8Array(4096);
    try {
      const count = await conn.read(buffer);
      received.push(
        new TextDecoder("latin1").decode(buffer.subarray(0, count ?? 0)),
      );
      if (bytes !== undefined) await conn.write(bytes);
      else while (await conn.read(buffer) !== null);
    } catch {
      // The client went, or this was disposed.
    }
    if (open.delete(conn)) conn.close();
  }
}
