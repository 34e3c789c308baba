import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { request as requestSecurely } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import {
  connect,
  type ConnectionOptions,
  rootCertificates,
  type TLSSocket,
} from "node:tls";
import { GatedSocket } from "./gated_socket.ts";
import { findAddress } from "./host_address.ts";
import type { TlsOptions } from "./http_request.ts";
import type { ProxyChoice } from "./proxy.ts";

/** A TLS connection, and the gate that its data come through. */
export interface SecureSocket {
  readonly socket: TLSSocket;
  readonly gate: GatedSocket;
}

/** How to reach a server over TLS. */
export interface SecureSocketOptions {
  readonly tls: TlsOptions;
  readonly proxy?: ProxyChoice | undefined;
  /** Its certificate is one of our own roots, so the built-in ones, which cost 15 ms, are of no use. */
  readonly isSelfSigned: boolean;
  /** Closes the connection, also later. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a TLS connection to the server of a URL.
 *
 * @throws Error of Node's, with a `code`.
 */
export async function openSecureSocket(
  url: URL,
  options: SecureSocketOptions,
): Promise<SecureSocket> {
  const { proxy, signal } = options;
  const raw = proxy === undefined
    ? await openDirect(url, signal)
    : await openTunnel(url, proxy, signal);
  const gate = new GatedSocket(raw);
  try {
    return await startTls(url, gate, options);
  } catch (error) {
    gate.destroy(); // an open tunnel would keep the process from ending
    throw error;
  }
}

async function startTls(
  url: URL,
  gate: GatedSocket,
  options: SecureSocketOptions,
): Promise<SecureSocket> {
  const { signal } = options;
  const socket = connect({ socket: gate, ...nameOf(url), ...toNode(options) });
  // Its failures show in the exchange; without a listener they would end the process.
  socket.on("error", () => gate.destroy());
  gate.on("error", () => socket.destroy());
  await awaitEvent(socket, "secureConnect", signal);
  const onAbort = () => gate.destroy();
  signal?.addEventListener("abort", onAbort);
  gate.on("close", () => signal?.removeEventListener("abort", onAbort));
  return { socket, gate };
}

async function openDirect(url: URL, signal?: AbortSignal): Promise<Socket> {
  const { host } = nameOf(url);
  const socket = connectTcp({ host, port: Number(url.port || 443) });
  await awaitEvent(socket, "connect", signal);
  return socket;
}

async function openTunnel(
  url: URL,
  proxy: ProxyChoice,
  signal?: AbortSignal,
): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`;
  const outgoing = requestOf(proxy)(proxy.url, {
    method: "CONNECT",
    path: target,
    headers: { host: target, ...proxyCredentials(proxy) },
    agent: false,
  });
  outgoing.end();
  // The event's arguments, by Node's documentation.
  const [answer, socket] = await awaitEvent(outgoing, "connect", signal) as [
    IncomingMessage,
    Socket,
  ];
  if (answer.statusCode === 200) return socket;
  socket.destroy();
  throw new Error(`unsuccessful tunnel: status ${answer.statusCode}`);
}

function requestOf({ url }: ProxyChoice): typeof request {
  if (url.startsWith("http:")) return request;
  if (url.startsWith("https:")) return requestSecurely;
  throw new Error("unsuccessful tunnel: SOCKS is not supported here");
}

/** Waits for an event; a failure or the signal closes what it was awaited from. */
async function awaitEvent(
  source: Socket | ClientRequest,
  event: string,
  signal: AbortSignal | undefined,
): Promise<unknown[]> {
  try {
    return await once(source, event, signal === undefined ? {} : { signal });
  } catch (error) {
    source.destroy();
    throw error;
  }
}

function proxyCredentials(
  { username, password = "" }: ProxyChoice,
): Record<string, string> {
  if (username === undefined) return {};
  const text = Buffer.from(`${username}:${password}`).toString("base64");
  return { "proxy-authorization": `Basic ${text}` };
}

/** The name that the certificate must be for; an IP address has no place in SNI. */
function nameOf(
  url: URL,
): { readonly host: string; readonly servername?: string } {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return findAddress(host) === undefined
    ? { host, servername: host }
    : { host };
}

function toNode(
  { tls, isSelfSigned }: SecureSocketOptions,
): Pick<ConnectionOptions, "rejectUnauthorized" | "ca" | "cert" | "key"> {
  const { insecure = false, caCerts = [], cert, key } = tls;
  // Node takes `ca` in place of the built-in roots, not besides them.
  const builtIn = isSelfSigned ? [] : rootCertificates;
  return {
    rejectUnauthorized: !insecure,
    ...(insecure || caCerts.length === 0
      ? {}
      : { ca: [...builtIn, ...caCerts] }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}
