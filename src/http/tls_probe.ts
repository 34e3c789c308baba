import { clientHello } from "./client_hello.ts";
import { findAddress } from "./host_address.ts";

/** What a port speaks; `nothing` where no connection came about. */
export type Spoken = "tls" | "plain" | "nothing";

const HANDSHAKE_RECORD = 0x16;
const ALERT_RECORD = 0x15;

/**
 * Asks a port whether it speaks TLS, by a handshake's first message and the
 * first byte of the answer. One that answers something else, hangs up, or says
 * nothing for `timeoutMs` does not. Takes a millisecond on loopback.
 *
 * @param timeoutMs Default 1,500.
 */
export async function probeTls(
  hostname: string,
  port: number,
  timeoutMs = 1_500,
): Promise<Spoken> {
  const bare = hostname.replace(/^\[|\]$/g, "");
  const signal = AbortSignal.timeout(timeoutMs);
  let connection: Deno.TcpConn;
  try {
    connection = await Deno.connect({ hostname: bare, port, signal });
  } catch {
    return "nothing"; // the request itself will say why
  }
  const close = () => connection.close();
  signal.addEventListener("abort", close);
  try {
    const first = await exchangeHello(connection, bare);
    return first === HANDSHAKE_RECORD || first === ALERT_RECORD
      ? "tls"
      : "plain";
  } catch {
    return "plain"; // reset, or closed by the time limit
  } finally {
    signal.removeEventListener("abort", close);
    if (!signal.aborted) connection.close();
  }
}

async function exchangeHello(
  connection: Deno.TcpConn,
  hostname: string,
): Promise<number | undefined> {
  const isAddress = findAddress(hostname) !== undefined;
  const writer = connection.writable.getWriter();
  await writer.write(clientHello(isAddress ? undefined : hostname));
  writer.releaseLock();
  const answer = new Uint8Array(1);
  return await connection.read(answer) === null ? undefined : answer[0];
}
