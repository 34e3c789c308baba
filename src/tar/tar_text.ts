const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const PLAIN_BYTES = 100;
/** Where bytes that are no UTF-8 stand among the code units: halves of pairs that UTF-8 can't have. */
const ESCAPE_BASE = 0xdc00;
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Text of an archive. A byte that is no UTF-8 (old names in Latin-1 or Shift JIS) becomes the
 * code unit U+DC80 to U+DCFF, as in Python (PEP 383): two names never become one, and
 * {@linkcode encodeTarText} gives back each byte.
 */
export function decodeTarText(bytes: Uint8Array): string {
  if (bytes.length <= PLAIN_BYTES && isPlain(bytes)) {
    // For short names faster than a call into Deno. Sound: the call takes what is like an array.
    return String.fromCharCode.apply(null, bytes as unknown as number[]);
  }
  try {
    return strict.decode(bytes);
  } catch {
    return decodeEscaped(bytes);
  }
}

/** The bytes of a text as {@linkcode decodeTarText} makes it. */
export function encodeTarText(text: string): Uint8Array<ArrayBuffer> {
  if (text.isWellFormed()) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const byte = (character.codePointAt(0) ?? 0) - ESCAPE_BASE;
    if (LONE_SURROGATE.test(character) && byte >= 0x80 && byte <= 0xff) {
      bytes.push(byte);
    } else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

function decodeEscaped(bytes: Uint8Array): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(
      strict.decode(bytes.subarray(from, at)),
      String.fromCharCode(ESCAPE_BASE + (bytes[at] ?? 0)),
    );
    from = ++at;
  }
  parts.push(strict.decode(bytes.subarray(from)));
  return parts.join("");
}

/** Bytes of the character that begins here; 0 where none does (Unicode, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 || lead > 0xf4
    ? 0
    : lead < 0xe0
    ? 2
    : lead < 0xf0
    ? 3
    : 4;
  const second = bytes[at + 1] ?? 0;
  const [low, high] = SECOND_BYTES.get(lead) ?? [0x80, 0xbf];
  if (second < low || second > high) return 0;
  for (let next = 2; next < length; next++) {
    if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Leads after which not every byte may follow: longer than need be, surrogates, past U+10FFFF. */
const SECOND_BYTES: ReadonlyMap<number, readonly [low: number, high: number]> =
  new Map([
    [0xe0, [0xa0, 0xbf]],
    [0xed, [0x80, 0x9f]],
    [0xf0, [0x90, 0xbf]],
    [0xf4, [0x80, 0x8f]],
  ]);

/** Whether all of it is ASCII. */
function isPlain(bytes: Uint8Array): boolean {
  let all = 0;
  for (let at = 0; at < bytes.length; at++) all |= bytes[at] ?? 0;
  return all < 0x80;
}
