import type { UnavailableError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { networkError } from "./network_error.ts";

/** What of a server's certificate helps to understand why it was refused. Text from outside. */
export interface CertificateFacts {
  readonly issuer: string;
  readonly subject: string;
  readonly validTo: string;
  readonly names: string;
}

interface Reason {
  readonly text: RegExp;
  readonly what: (facts?: CertificateFacts) => string;
  readonly hint: string;
}

const INSECURE = "pass --insecure to accept any certificate from this registry";

const SELF_SIGNED = /CaUsedAsEndEntity|self-signed|DEPTH_ZERO/i;

/** The texts of rustls, which Deno uses, and of Node's API. */
const REASONS: readonly Reason[] = [
  {
    text: SELF_SIGNED,
    what: (facts) => `its certificate is self-signed${by(facts)}`,
    hint: `pass that certificate with --ca-file to trust it, or ${INSECURE}`,
  },
  {
    text: /UnknownIssuer|unable to (?:get|verify)|UNABLE_TO/i,
    what: (facts) => `its certificate is by an unknown authority${by(facts)}`,
    hint: `pass the authority's certificate with --ca-file, or ${INSECURE}`,
  },
  {
    text: /not valid for name|NotValidForName|ALTNAME/i,
    what: (facts) =>
      `its certificate is for another name${
        facts === undefined
          ? ""
          : `, ${quoteText(facts.names || facts.subject)}`
      }`,
    hint: `check the name of the registry, or ${INSECURE}`,
  },
  {
    text: /not valid yet|NotValidYet/i,
    what: () => "its certificate is not valid yet",
    hint: `check the clock of this machine, or ${INSECURE}`,
  },
  {
    text: /Expired/i,
    what: (facts) =>
      `its certificate has expired${
        facts === undefined ? "" : ` on ${quoteText(facts.validTo)}`
      }`,
    hint: `have it renewed, or ${INSECURE}`,
  },
  {
    text: /received fatal alert|alert number/i,
    what: () => "it refused the TLS connection",
    hint: "it may want a client certificate",
  },
];

function by(facts: CertificateFacts | undefined): string {
  return facts === undefined ? "" : ` (issuer: ${quoteText(facts.issuer)})`;
}

/** Longest time spent on a better message, in ms. */
const INSPECTION_MS = 3_000;

/** Whether a certificate was refused because it is by itself, not by an authority. */
export function isSelfSigned(failure: UnavailableError): boolean {
  return SELF_SIGNED.test(detailOf(failure));
}

/** The failure, with what the server's certificate says about itself. */
export async function explainCertificate(
  failure: UnavailableError,
  url: URL,
  signal: AbortSignal | undefined,
): Promise<UnavailableError> {
  const { inspectCertificate } = await import("./inspect_certificate.ts");
  const limit = AbortSignal.timeout(INSPECTION_MS);
  const facts = await inspectCertificate(
    url,
    signal === undefined ? limit : AbortSignal.any([limit, signal]),
  );
  return certificateError(url, failure, facts);
}

/** An error that says why a certificate is refused and what helps. */
export function certificateError(
  url: URL,
  failure: UnavailableError,
  facts?: CertificateFacts,
): UnavailableError {
  const detail = detailOf(failure);
  const reason = REASONS.find(({ text }) => text.test(detail));
  const what = reason?.what(facts) ??
    `its certificate is not accepted${by(facts)}`;
  return networkError("certificate", "tls", url, what, {
    cause: new Error(detail),
    hint: reason?.hint ?? INSECURE,
  });
}

function detailOf(failure: UnavailableError): string {
  return failure.cause instanceof Error ? failure.cause.message : "";
}
