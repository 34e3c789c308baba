import { concatBytes } from "../../src/tar/concat_bytes.ts";

/** A header block field by field, right or wrong. Numbers are octal, texts as they are. */
export interface RawHeader {
  readonly name?: string | Uint8Array;
  readonly type?: string;
  /** Text is put into the field as it is. */
  readonly size?: number | string | Uint8Array;
  readonly mode?: number | string;
  readonly uid?: number | string | Uint8Array;
  readonly mtime?: number | string | Uint8Array;
  readonly link?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly prefix?: string;
  /** Default: POSIX. */
  readonly magic?: string;
  /** Bytes at any place, put last but for the checksum. */
  readonly patch?: readonly (readonly [offset: number, text: string])[];
  /** Instead of the right one. */
  readonly checksum?: string;
}

const encoder = new TextEncoder();

/** GNU's magic and version. */
export const GNU_MAGIC = "ustar  \0";
/** Two blocks of zeros. */
export const END = new Uint8Array(1024);

/** A header block and, after it, content up to whole blocks. */
export function rawEntry(
  header: RawHeader,
  content: string | Uint8Array = "",
): Uint8Array<ArrayBuffer> {
  const bytes = toBytes(content);
  const block = rawBlock({ size: bytes.length, ...header });
  return concatBytes([block, bytes, new Uint8Array(-bytes.length & 511)]);
}

/** A whole archive of such entries. */
export function rawTar(
  ...entries: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return concatBytes([...entries, END]);
}

/** A header block alone. */
export function rawBlock(header: RawHeader): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(512);
  const put = (offset: number, value: string | Uint8Array): void =>
    block.set(toBytes(value), offset);
  put(0, header.name ?? "file");
  put(100, field(header.mode ?? 0o644, 8));
  put(108, field(header.uid ?? 0, 8));
  put(116, field(0, 8));
  put(124, field(header.size ?? 0, 12));
  put(136, field(header.mtime ?? 0, 12));
  put(156, header.type ?? "0");
  put(157, header.link ?? "");
  put(257, header.magic ?? "ustar\x0000");
  put(329, field(header.major ?? 0, 8));
  put(337, field(header.minor ?? 0, 8));
  put(345, header.prefix ?? "");
  for (const [offset, text] of header.patch ?? []) put(offset, text);
  put(148, "        ");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, header.checksum ?? `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** A PAX header (`x`, or `g` for all entries) of records. */
export function rawPax(
  records: Readonly<Record<string, string | Uint8Array>> | string,
  type: "x" | "g" = "x",
): Uint8Array<ArrayBuffer> {
  const body = typeof records === "string"
    ? encoder.encode(records)
    : concatBytes(
      Object.entries(records).map(([key, value]) => paxRecord(key, value)),
    );
  return rawEntry({ name: "PaxHeaders/x", type }, body);
}

/** One record with its right length. */
export function paxRecord(
  key: string,
  value: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = toBytes(value);
  const rest = encoder.encode(key).length + bytes.length + 3;
  let length = rest + 1;
  while (String(length).length + rest !== length) length++;
  return concatBytes([
    encoder.encode(`${length} ${key}=`),
    bytes,
    encoder.encode("\n"),
  ]);
}

/** A number as GNU's base-256. */
export function base256(value: bigint, width: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(width);
  for (let at = width - 1, rest = value; at >= 0; at--, rest >>= 8n) {
    bytes[at] = Number(rest & 0xffn);
  }
  bytes[0] = value < 0n ? 0xff : 0x80 | (bytes[0] ?? 0);
  return bytes;
}

function field(
  value: number | string | Uint8Array,
  width: number,
): string | Uint8Array {
  return typeof value === "number"
    ? value.toString(8).padStart(width - 1, "0")
    : value;
}

function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}
