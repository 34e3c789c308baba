import type { ByteRange } from "../io/byte_range.ts";

/**
 * Finds which bytes a `Range` header asks for (RFC 9110, section 14).
 *
 * @param header Undefined, and whatever is no single byte range, asks for the whole.
 * @param size Of the content, in bytes.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | "whole" | "unsatisfiable" {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "");
  if (match === null) return "whole";
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return "whole";
  if (first === "") return suffixRange(Number(last), size);
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < start) return "whole"; // RFC 9110: an invalid range is ignored.
  return start < end ? { start, end } : "unsatisfiable";
}

function suffixRange(
  length: number,
  size: number,
): ByteRange | "unsatisfiable" {
  if (length === 0 || size === 0) return "unsatisfiable";
  return { start: Math.max(0, size - length), end: size };
}
