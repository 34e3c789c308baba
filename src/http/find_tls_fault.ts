import type { TlsOptions } from "./http_request.ts";

/** Texts of rustls, which Deno uses, and what they say to a person. */
const FAULTS: readonly (readonly [text: RegExp, what: string])[] = [
  [/KeyMismatch/, "the key is not the certificate's"],
  [
    /UnsupportedCertVersion/,
    "the certificate is of X.509 version 1, and only version 3 is accepted",
  ],
  [/No keys found/i, "there is no private key in it"],
  [/No certificates found/i, "there is no certificate in it"],
  [/Unable to add pem file|base64|InvalidByte/i, "its PEM is damaged"],
  [/BadEncoding/, "a certificate in it is damaged"],
];

/** What is wrong with certificates and keys, in words that go on after a colon; undefined where TLS can use them. */
export function findTlsFault(
  tls: Pick<TlsOptions, "caCerts" | "cert" | "key">,
): string | undefined {
  const { caCerts = [], cert, key } = tls;
  try {
    const roots = { caCerts: [...caCerts] };
    const client = cert === undefined || key === undefined
      ? Deno.createHttpClient(roots)
      : Deno.createHttpClient({ ...roots, cert, key });
    client.close();
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return FAULTS.find(([pattern]) => pattern.test(text))?.[1] ??
      `TLS cannot use it (${text})`;
  }
}
