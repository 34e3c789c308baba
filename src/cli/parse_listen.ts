import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";

/** Where a server is to listen. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

const ADDRESS = /^(?:(?:\[([\da-f:.%]+)\]|([^\s:/[\]]*)):)?(\d{1,5})$/i;
const LOOPBACK = "127.0.0.1";
const EVERYWHERE = "0.0.0.0";

/**
 * Parses the address to listen on: `127.0.0.1:5000`, `[::1]:5000`, `:5000` for all addresses of
 * this machine, `5000` for loopback. Port 0 is a free one.
 *
 * @throws UsageError usage
 */
export function parseListen(text: string): ListenAddress {
  const match = ADDRESS.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new UsageError(
      "usage",
      `Cannot listen on ${quoteText(text)}: it is no address with a port`,
      { hint: "write HOST:PORT, such as 127.0.0.1:5000 or [::1]:5000" },
    );
  }
  const [, address, name] = match;
  const hostname = name === "" ? EVERYWHERE : address ?? name ?? LOOPBACK;
  return { hostname, port };
}
