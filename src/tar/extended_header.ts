import { archiveInvalid } from "./archive_invalid.ts";
import type { PaxRecords } from "./parse_pax.ts";
import { parseSparseNumber } from "./sparse_map.ts";
import { decodeTarText } from "./tar_text.ts";

/** How GNU tar described a sparse file in PAX records. */
export interface PaxSparse {
  /** Bytes of the file with its holes. */
  readonly size: number;
  /** Offsets and lengths in turn; undefined where the map stands before the content (1.0). */
  readonly numbers?: readonly number[];
}

/** What extended headers say of one entry; undefined leaves the header block's word. */
export interface ExtendedHeader {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
  readonly sparse?: PaxSparse;
}

const XATTR = "SCHILY.xattr.";
/** Of one entry only: said of all entries, readers would differ in what the archive holds. */
const NEVER_GLOBAL = /^(path|linkpath|size|GNU\.sparse\..*)$/;

/** Fails for records that a global header must not have. */
export function checkGlobalRecords(records: PaxRecords): void {
  for (const [key] of records) {
    if (!NEVER_GLOBAL.test(key)) continue;
    throw archiveInvalid(
      "PAX header",
      `"${key}" is said of all entries at once`,
    );
  }
}

/**
 * What records say of an entry. An empty value takes back what the global header said.
 *
 * @param global Records of the global header.
 * @param local Records of this entry, which win.
 * @throws IntegrityError `archive-invalid` for a value that can't be read.
 */
export function readExtendedHeader(
  global: PaxRecords,
  local: PaxRecords,
): ExtendedHeader {
  const values = new Map<string, Uint8Array>();
  const xattrs = new Map<string, Uint8Array>();
  const sparse: number[] = [];
  for (const [key, value] of [...global, ...local]) {
    if (key.startsWith(XATTR)) {
      xattrs.set(key.slice(XATTR.length), value);
    } else if (
      key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes"
    ) sparse.push(parseSparseNumber("PAX header", decodeTarText(value)));
    else if (value.length === 0) values.delete(key);
    else values.set(key, value);
  }
  const name = textOf(values, "GNU.sparse.name") ?? textOf(values, "path");
  return {
    ...defined("path", name),
    ...defined("linkPath", textOf(values, "linkpath")),
    ...defined("size", wholeOf(values, "size")),
    ...defined("uid", wholeOf(values, "uid")),
    ...defined("gid", wholeOf(values, "gid")),
    ...defined("mtime", timeOf(values, "mtime")),
    ...xattrs.size > 0 ? { xattrs } : {},
    ...defined("sparse", sparseOf(values, sparse)),
  };
}

function sparseOf(
  values: ReadonlyMap<string, Uint8Array>,
  numbers: readonly number[],
): PaxSparse | undefined {
  const major = textOf(values, "GNU.sparse.major");
  if (major !== undefined) {
    const version = `${major}.${textOf(values, "GNU.sparse.minor") ?? ""}`;
    const size = wholeOf(values, "GNU.sparse.realsize");
    if (version === "1.0" && size !== undefined) return { size };
    throw archiveInvalid(
      "PAX header",
      `sparse format "${version}" is not known`,
    );
  }
  const size = wholeOf(values, "GNU.sparse.size");
  if (size === undefined) {
    if (numbers.length === 0) return undefined;
    throw archiveInvalid("PAX header", "a sparse map has no size");
  }
  const map = textOf(values, "GNU.sparse.map");
  return {
    size,
    numbers: map === undefined
      ? numbers
      : map.split(",").map((text) => parseSparseNumber("PAX header", text)),
  };
}

function textOf(
  values: ReadonlyMap<string, Uint8Array>,
  key: string,
): string | undefined {
  const value = values.get(key);
  if (value === undefined) return undefined;
  if (value.includes(0)) {
    throw archiveInvalid("PAX header", `"${key}" has a NUL in it`);
  }
  return decodeTarText(value);
}

function wholeOf(
  values: ReadonlyMap<string, Uint8Array>,
  key: string,
): number | undefined {
  return numberOf(values, key, /^\d{1,16}$/);
}

function timeOf(
  values: ReadonlyMap<string, Uint8Array>,
  key: string,
): number | undefined {
  return numberOf(values, key, /^-?\d{1,16}(\.\d{0,30})?$/);
}

function numberOf(
  values: ReadonlyMap<string, Uint8Array>,
  key: string,
  shape: RegExp,
): number | undefined {
  const text = textOf(values, key);
  if (text === undefined) return undefined;
  const value = shape.test(text) ? Number(text) : NaN;
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw archiveInvalid("PAX header", `"${key}" is no number that fits`);
}

function defined<K extends string, T>(
  key: K,
  value: T | undefined,
): { readonly [P in K]?: T } {
  // Sound: the object has this one key, of this type, or none.
  return (value === undefined ? {} : { [key]: value }) as {
    readonly [P in K]?: T;
  };
}
