import { LocalError, UsageError } from "../../errors.ts";
import { classifyHost } from "../../http/host_address.ts";
import { localCall } from "../../io/local_error.ts";
import { serve, type UpstreamOptions } from "../../serve_store.ts";
import type { ServerTls } from "../../serve/http/listen.ts";
import type { RunningServer } from "../../serve/start_server.ts";
import { Store } from "../../store/store.ts";
import type { Exchange } from "../../serve/http/serve_connection.ts";
import { toJsonLine } from "../../ui/json_line.ts";
import { exchangeJson, renderExchange } from "../access_log.ts";
import { VERSION } from "../version.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openStoreToStay } from "../open_store.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import { toDrayError } from "../render_error.ts";
import type { Session } from "../session.ts";
import type { ServeFlags } from "./serve_command.ts";

/** Serves the store until it is interrupted, which is how a server ends: with exit code 0. */
export async function runServe(
  session: Session,
  flags: ServeFlags & GlobalFlags,
): Promise<void> {
  const tls = await readTls(flags);
  await using store = await openStore(session, flags);
  using network = await openUpstream(session, flags);
  const { upstream } = network;
  await using server = serve(store, {
    ...flags.listen,
    ...upstream === undefined ? {} : { upstream },
    ...tls === undefined ? {} : { tls },
    graceMs: flags.grace,
    version: VERSION,
    onExchange: (exchange) => logExchange(session, flags, exchange),
    signal: session.signal,
    onError: (error) => reportFailure(session, error),
  });
  announce(session, flags, server);
  await server.finished;
}

function openStore(
  session: Session,
  { upstream }: ServeFlags,
): Promise<Store> {
  if (upstream === undefined) return openStoreToStay(session);
  const { storeDir, signal, host: { now } } = session;
  return Store.open(storeDir, { now, signal });
}

/** Clients wait as well, and try again themselves. */
const MAX_RETRIES = 1;

/** Mirrors are not asked (hosts.toml) unless named: this one may be among them. */
async function openUpstream(
  session: Session,
  flags: ServeFlags & GlobalFlags,
): Promise<{ readonly upstream?: UpstreamOptions } & Disposable> {
  const { upstream: registry, hostsDir, idleTimeout } = flags;
  if (registry === undefined) return { [Symbol.dispose]: () => {} };
  const network = await openSessionNetwork(session, [registry], undefined, {
    adjust: {
      retries: Math.min(flags.retries, MAX_RETRIES),
      ...hostsDir === undefined ? { hostsFolders: [] } : {},
    },
  });
  const { client } = network;
  return {
    upstream: { registry, client, idleTimeoutMs: idleTimeout },
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}

/** The address first, for whoever waits for it. */
function announce(
  session: Session,
  flags: ServeFlags & GlobalFlags,
  { host, port }: RunningServer,
): void {
  const scheme = flags.tlsCert === undefined ? "http" : "https";
  const url = `${scheme}://${host}`;
  if (flags.json) session.printJson({ event: "listening", url, host, port });
  else session.print(flags.quiet ? url : `Listening on ${url}`);
  const { hostname } = flags.listen;
  if (scheme === "http" && isReachable(hostname)) {
    session.log(
      "warn",
      `${host} can be reached from other machines, and without TLS (--tls-cert): anybody on the way may read along`,
    );
  }
  const { upstream } = flags;
  const what = upstream === undefined ? "" : ` and what ${upstream} has`;
  session.note(`Serving ${session.storeDir}${what}; Ctrl-C stops`);
}

/** The unspecified address is every one of this machine's. */
function isReachable(hostname: string): boolean {
  return hostname === "0.0.0.0" || /^[0:]+$/.test(hostname) ||
    classifyHost(hostname) !== "loopback";
}

function logExchange(
  session: Session,
  { json, quiet, progress, noAccessLog }: ServeFlags & GlobalFlags,
  exchange: Exchange,
): void {
  if (noAccessLog || quiet) return;
  if (!json && progress !== "json") {
    return session.note(renderExchange(exchange));
  }
  const { stdio, now } = session.host;
  stdio.writeError(toJsonLine(exchangeJson(exchange, now())) + "\n");
}

function reportFailure(session: Session, error: unknown): void {
  const { message, hint } = toDrayError(error);
  session.log("warn", hint === undefined ? message : `${message} (${hint})`);
}

async function readTls(
  { tlsCert, tlsKey }: ServeFlags,
): Promise<ServerTls | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    const missing = tlsCert === undefined ? "--tls-cert" : "--tls-key";
    throw new UsageError(
      "usage",
      `Cannot serve over TLS: ${missing} is missing`,
      {
        hint: "give both --tls-cert and --tls-key",
      },
    );
  }
  return {
    cert: await readPem(tlsCert, "CERTIFICATE"),
    key: await readPem(tlsKey, "PRIVATE KEY"),
  };
}

/** Larger is no certificate and no key. */
const MAX_PEM_BYTES = 1 << 20;

async function readPem(path: string, what: string): Promise<string> {
  const text = await localCall("read", path, async () => {
    const { size, isFile } = await Deno.stat(path);
    if (isFile && size <= MAX_PEM_BYTES) return await Deno.readTextFile(path);
    throw new LocalError("io", `Cannot read "${path}": it is no PEM file`);
  });
  if (text.includes("-----BEGIN ") && text.includes(`${what}-----`)) {
    return text;
  }
  throw new UsageError(
    "config-invalid",
    `Cannot serve over TLS: "${path}" has no ${what.toLowerCase()} in PEM`,
  );
}
