import { connect, type PeerCertificate } from "node:tls";
import type { CertificateFacts } from "./certificate_error.ts";
import { findAddress } from "./host_address.ts";

/**
 * Reads the certificate that a server shows, whatever it is worth; undefined
 * where that fails. For messages only.
 */
export async function inspectCertificate(
  url: URL,
  signal: AbortSignal,
): Promise<CertificateFacts | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const servername = findAddress(host) === undefined
    ? { servername: host }
    : {};
  const found = Promise.withResolvers<CertificateFacts | undefined>();
  const socket = connect({
    host,
    port: Number(url.port || 443),
    rejectUnauthorized: false,
    ...servername,
  }, () => found.resolve(toFacts(socket.getPeerCertificate())));
  const giveUp = () => found.resolve(undefined);
  socket.on("error", giveUp);
  signal.addEventListener("abort", giveUp);
  try {
    return await found.promise;
  } finally {
    signal.removeEventListener("abort", giveUp);
    socket.destroy();
  }
}

function toFacts(certificate: PeerCertificate): CertificateFacts {
  return {
    issuer: formatName(certificate.issuer),
    subject: formatName(certificate.subject),
    validTo: certificate.valid_to,
    names: certificate.subjectaltname ?? "",
  };
}

function formatName(name: PeerCertificate["issuer"] | undefined): string {
  return Object.entries(name ?? {}).map(([part, value]) => `${part}=${value}`)
    .join(", ");
}
