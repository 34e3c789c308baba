import { chooseProxy, type ProxySettings } from "./proxy.ts";

/**
 * Tells whether the server that a URL is reached at, a proxy where there is
 * one, accepts a TCP connection. Only silence until the signal is aborted is a
 * no: a failure is told better by the request that meets it.
 */
export async function canConnect(
  url: URL,
  proxies: ProxySettings | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const target = new URL(chooseProxy(url, proxies)?.url ?? url);
  const hostname = target.hostname.replace(/^\[|\]$/g, "");
  const port = Number(target.port || DEFAULT_PORTS[target.protocol]);
  try {
    (await Deno.connect({ hostname, port, signal })).close();
    return true;
  } catch {
    return !signal.aborted;
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "socks5:": 1080,
  "socks5h:": 1080,
};
