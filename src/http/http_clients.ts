import type { TlsOptions } from "./http_request.ts";
import type { ProxyChoice } from "./proxy.ts";
import { withoutProxyVariables } from "./without_proxy_variables.ts";

/** What tells one client, and so one pool of connections, from another. */
export interface HttpClientSettings {
  readonly tls: TlsOptions;
  readonly proxy: ProxyChoice | undefined;
}

/** HTTP/1.1 clients, one for each distinct setting, made when first asked for (0.15 ms each). */
export class HttpClients implements Disposable {
  readonly #clients = new Map<string, Deno.HttpClient>();
  readonly #textIds = new Map<string, number>();
  #closed = false;

  /** @throws TypeError after {@linkcode HttpClients.close}. */
  get(settings: HttpClientSettings): Deno.HttpClient {
    if (this.#closed) throw new TypeError("The transport is closed");
    const key = isPlain(settings) ? "" : this.#key(settings);
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client = withoutProxyVariables(() => createClient(settings));
    this.#clients.set(key, client);
    return client;
  }

  /** Drops idle connections; exchanges under way go on. */
  close(): void {
    this.#closed = true;
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Certificates are long, and asked about for each request: they are numbered, not joined. */
  #key({ tls, proxy }: HttpClientSettings): string {
    const texts = [
      tls.cert,
      tls.key,
      proxy?.url,
      proxy?.username,
      proxy?.password,
      ...tls.caCerts ?? [],
    ];
    return texts.map((text) => text === undefined ? "" : this.#textId(text))
      .join(" ");
  }

  #textId(text: string): number {
    const known = this.#textIds.get(text);
    if (known !== undefined) return known;
    const id = this.#textIds.size;
    this.#textIds.set(text, id);
    return id;
  }
}

/** Whether there is nothing but defaults, as for most hosts: then no key need be made up. */
function isPlain({ tls, proxy }: HttpClientSettings): boolean {
  return proxy === undefined && tls.cert === undefined &&
    tls.key === undefined && (tls.caCerts ?? []).length === 0;
}

function createClient({ tls, proxy }: HttpClientSettings): Deno.HttpClient {
  const options = {
    http1: true,
    http2: false, // over HTTP/2 all requests to a host would share one TCP connection and its rate
    caCerts: [...tls.caCerts ?? []],
    ...(proxy === undefined ? {} : { proxy: toDenoProxy(proxy) }),
  };
  return tls.cert === undefined || tls.key === undefined
    ? Deno.createHttpClient(options)
    : Deno.createHttpClient({ ...options, cert: tls.cert, key: tls.key });
}

function toDenoProxy(
  { url, username, password = "" }: ProxyChoice,
): Deno.Proxy {
  return username === undefined
    ? { url }
    : { url, basicAuth: { username, password } };
}
