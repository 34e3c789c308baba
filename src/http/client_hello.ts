const encoder = new TextEncoder();

/** Suites of TLS 1.3 and 1.2 that any server in use has one of. */
const CIPHER_SUITES = [
  0x1301,
  0x1302,
  0x1303,
  0xc02f,
  0xc030,
  0xc02b,
  0xc02c,
  0xc013,
  0xc014,
  0x009c,
  0x002f,
];
const GROUPS = [0x001d, 0x0017, 0x0018];
const SIGNATURES = [
  0x0403,
  0x0503,
  0x0804,
  0x0805,
  0x0806,
  0x0401,
  0x0501,
  0x0601,
  0x0201,
];
const VERSIONS = [0x0304, 0x0303];

/**
 * The first message of a TLS handshake (RFC 8446, section 4.1.2), for asking
 * whether a server speaks TLS at all: one that does answers with a handshake
 * or alert record. It holds an empty line, so that servers of plain HTTP that read by
 * lines answer at once, too, instead of waiting for more.
 *
 * @param serverName Undefined for IP addresses, which have no place in SNI.
 */
export function clientHello(
  serverName: string | undefined,
): Uint8Array<ArrayBuffer> {
  const random = new Uint8Array(32);
  random.set(encoder.encode(" HTTP/1.1\r\n\r\n"));
  const extensions = [
    ...(serverName === undefined
      ? []
      : extension(0, sized(2, [0, ...sized(2, encoder.encode(serverName))]))),
    ...extension(0x0a, sized(2, words(GROUPS))),
    ...extension(0x0b, sized(1, [0])), // uncompressed points
    ...extension(0x0d, sized(2, words(SIGNATURES))),
    ...extension(0x2b, sized(1, words(VERSIONS))),
    ...extension(0x33, sized(2, [])), // no key share: a TLS 1.3 server asks for one, which is an answer
  ];
  const body = [
    ...[0x03, 0x03],
    ...random,
    ...sized(1, []), // no session
    ...sized(2, words(CIPHER_SUITES)),
    ...sized(1, [0]), // no compression
    ...sized(2, extensions),
  ];
  return Uint8Array.from([
    0x16,
    0x03,
    0x01,
    ...sized(2, [0x01, ...sized(3, body)]),
  ]);
}

function extension(type: number, data: readonly number[]): number[] {
  return [...words([type]), ...sized(2, data)];
}

/** The data, with its length before it in so many bytes. */
function sized(lengthBytes: number, data: Iterable<number>): number[] {
  const bytes = [...data];
  const length = Array.from(
    { length: lengthBytes },
    (_, index) => (bytes.length >> 8 * (lengthBytes - 1 - index)) & 0xff,
  );
  return [...length, ...bytes];
}

function words(values: readonly number[]): number[] {
  return values.flatMap((value) => [value >> 8, value & 0xff]);
}
