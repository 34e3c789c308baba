import { LocalError, UsageError } from "../../errors.ts";
import { toLocalError } from "../../io/local_error.ts";
import { excerptText, quoteText } from "../../spec/escape_text.ts";

/** What a server proves its name with, in PEM. */
export interface ServerTls {
  /** The certificate, then those that lead to a root. */
  readonly cert: string;
  /** The first certificate's private key. */
  readonly key: string;
}

/** Where {@linkcode listen} listens. */
export interface ListenOptions {
  /** Default: 127.0.0.1. */
  readonly hostname?: string;
  /** Default: 0, a free one. */
  readonly port?: number;
  /** Default: plain TCP. */
  readonly tls?: ServerTls;
}

/**
 * Listens on TCP, for TLS where there is a certificate.
 *
 * @throws LocalError where the address cannot be listened on.
 * @throws UsageError config-invalid where the certificate or its key is none.
 */
export function listen(options: ListenOptions): Deno.Listener {
  const { hostname = "127.0.0.1", port = 0, tls } = options;
  try {
    return tls === undefined
      ? Deno.listen({ hostname, port })
      : Deno.listenTls({ hostname, port, ...tls });
  } catch (error) {
    throw toListenError(error, { hostname, port }, tls);
  }
}

function toListenError(
  error: unknown,
  place: Pick<Deno.NetAddr, "hostname" | "port">,
  tls: ServerTls | undefined,
): unknown {
  const address = formatHost({ transport: "tcp", ...place });
  const why = findFault(error);
  if (why === undefined) {
    const local = toLocalError(error, "listen on", address);
    const isTls = tls !== undefined && !(local instanceof LocalError);
    return isTls ? toTlsError(error) : local;
  }
  return new LocalError(
    "io",
    `Cannot listen on ${quoteText(address)}: ${why.what}`,
    { cause: error, hint: why.hint },
  );
}

/** What is wrong with an address to listen on. */
interface AddressFault {
  readonly what: string;
  readonly hint: string;
}

const IN_USE: AddressFault = {
  what: "the address is in use",
  hint: "choose another port, or 0 for a free one",
};
const NOT_HERE: AddressFault = {
  what: "this machine has no such address",
  hint:
    "0.0.0.0 stands for all of its addresses, 127.0.0.1 is reached by nobody else",
};

function findFault(error: unknown): AddressFault | undefined {
  if (error instanceof Deno.errors.AddrInUse) return IN_USE;
  if (error instanceof Deno.errors.AddrNotAvailable) return NOT_HERE;
  // Of a name that nobody knows Deno tells in a plain Error without a code.
  const isUnknown = error instanceof Error &&
    error.message.startsWith("failed to lookup address");
  return isUnknown ? NOT_HERE : undefined;
}

function toTlsError(error: unknown): UsageError {
  const why = error instanceof Error ? `: ${excerptText(error.message)}` : "";
  return new UsageError(
    "config-invalid",
    `Cannot serve over TLS: the certificate or its key is unusable${why}`,
    { cause: error, hint: "both must be PEM, and belong together" },
  );
}

/** `127.0.0.1:5000`, `[::1]:5000`. */
export function formatHost(address: Deno.NetAddr): string {
  const { hostname, port } = address;
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}
