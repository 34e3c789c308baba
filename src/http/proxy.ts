import { UsageError } from "../errors.ts";
import { isDirect } from "./no_proxy.ts";

/** Values of the proxy variables; an empty text counts as none. */
export interface ProxySettings {
  /** Proxy for `http:` URLs: a URL, or `host:port`. */
  readonly httpProxy?: string;
  /** Proxy for `https:` URLs, which are tunnelled through it (`CONNECT`). */
  readonly httpsProxy?: string;
  /** Hosts that are reached directly, see {@linkcode isDirect}. */
  readonly noProxy?: string;
}

/** A proxy to go through. */
export interface ProxyChoice {
  /** Without user name and password. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

const SCHEMES = ["http:", "https:", "socks5:", "socks5h:"];

/**
 * The proxy for a URL; undefined where it is reached directly.
 *
 * @throws UsageError `usage` when the setting is no proxy's address.
 */
export function chooseProxy(
  url: URL,
  settings: ProxySettings = {},
): ProxyChoice | undefined {
  const text =
    (url.protocol === "http:" ? settings.httpProxy : settings.httpsProxy)
      ?.trim() ?? "";
  if (text === "" || isDirect(url, settings.noProxy ?? "")) return undefined;
  return parseProxy(text);
}

function parseProxy(text: string): ProxyChoice {
  const proxy = URL.parse(
    /^[a-z\d+.-]+:\/\//i.test(text) ? text : `http://${text}`,
  );
  if (
    proxy === null || !SCHEMES.includes(proxy.protocol) || proxy.hostname === ""
  ) {
    // The value may hold a password, so it isn't quoted.
    throw new UsageError(
      "usage",
      "Cannot use the proxy: its address is malformed",
      {
        hint:
          "set HTTP_PROXY and HTTPS_PROXY to something like http://proxy.example.com:3128",
      },
    );
  }
  const url = `${proxy.protocol}//${proxy.host}`;
  if (proxy.username === "") return { url };
  return {
    url,
    username: decode(proxy.username),
    password: decode(proxy.password),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare "%" in a password
  }
}
