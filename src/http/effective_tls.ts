import type { HttpRequest, TlsOptions } from "./http_request.ts";
import { isNamed } from "./named_host.ts";
import type { TransportOptions } from "./transport_options.ts";

/** The TLS options of one request: those of the transport and its own. */
export function effectiveTls(
  request: HttpRequest,
  options: TransportOptions,
): TlsOptions {
  const own = request.tls ?? options.clientCertificate ?? {};
  const insecure = request.tls?.insecure === true ||
    isNamed(request.url, options.insecureHosts);
  const caCerts = [...options.caCerts ?? [], ...request.tls?.caCerts ?? []];
  return { ...own, caCerts, insecure };
}
