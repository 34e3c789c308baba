/** A proxy on loopback that remembers what it was asked. */
export interface FakeProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** The head of each request that it got, as text. */
  readonly heads: readonly string[];
}

/** Settings of {@linkcode startProxy}. */
export interface FakeProxyOptions {
  /** Status of the answer to CONNECT. Default 200. */
  readonly connectStatus?: number;
  /** `user:password` without which it answers 407. Default: everybody may use it. */
  readonly login?: string;
}

/**
 * Starts a proxy: it opens tunnels, always to loopback whatever the name, so
 * that a test can ask for any, and answers plain requests itself.
 */
export function startProxy(options: FakeProxyOptions = {}): FakeProxy {
  const { connectStatus = 200, login } = options;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const heads: string[] = [];
  const open = new Set<Deno.TcpConn>();
  const tasks: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) tasks.push(serve(connection));
  })();
  return {
    host: `127.0.0.1:${listener.addr.port}`,
    heads,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) closeQuietly(connection);
      await accepting;
      await Promise.all(tasks);
    },
  };

  async function serve(client: Deno.TcpConn): Promise<void> {
    open.add(client);
    try {
      const head = await readHead(client);
      heads.push(head);
      if (login !== undefined && !head.includes(`Basic ${btoa(login)}`)) {
        return await answer(client, 407, "");
      }
      const port = /^CONNECT \S+:(\d+) /.exec(head)?.[1];
      if (port === undefined) {
        return await answer(client, 203, "from the proxy");
      }
      if (connectStatus !== 200) return await answer(client, connectStatus, "");
      const server = await Deno.connect({
        hostname: "127.0.0.1",
        port: Number(port),
      });
      open.add(server);
      await client.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
      await Promise.allSettled([copy(client, server), copy(server, client)]);
      closeQuietly(server);
    } catch {
      // The client went, or this was disposed.
    } finally {
      closeQuietly(client);
    }
  }
}

async function readHead(connection: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(8192);
  const count = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
}

async function answer(
  connection: Deno.TcpConn,
  status: number,
  body: string,
): Promise<void> {
  const text =
    `HTTP/1.1 ${status} Status\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
  await connection.write(new TextEncoder().encode(text));
}

async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  for (
    let count = await from.read(buffer);
    count !== null;
    count = await from.read(buffer)
  ) {
    for (let at = 0; at < count;) {
      at += await to.write(buffer.subarray(at, count));
    }
  }
  await to.closeWrite();
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}
