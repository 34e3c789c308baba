import { type DrayErrorOptions, IntegrityError } from "../errors.ts";
import { escapeText, quoteText } from "./escape_text.ts";
import { findJsonFault } from "./scan_json.ts";

/** Deepest nesting of a document; OCI's own documents need fewer than ten levels. */
const MAX_DEPTH = 64;
const WEB_PAGE_HINT =
  "it is a web page: does a login page of the network, or a proxy, answer for the registry?";

/**
 * Reads JSON that has one reading only: UTF-8 without a byte order mark, no key
 * twice in one object, no nesting beyond 64 levels.
 *
 * @param bytes The document, already under a limit of size.
 * @param where The document's name in an error message, quoted where it is from outside.
 * @throws {IntegrityError} `document-invalid`
 */
export function parseJson(bytes: Uint8Array, where: string): unknown {
  const text = decodeUtf8(bytes, where);
  if (text.startsWith("\ufeff")) {
    throw documentInvalid(where, "it starts with a byte order mark");
  }
  const fault = findJsonFault(text, { maxDepth: MAX_DEPTH });
  if (fault !== undefined) {
    throw documentInvalid(
      where,
      "depth" in fault
        ? `it is nested more than ${fault.depth} levels deep`
        : `key ${quoteText(fault.duplicateKey)} stands twice in one object`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw documentInvalid(
      where,
      `it is no JSON: ${escapeText(cause.message)}`,
      { cause, hint: isWebPage(text) ? WEB_PAGE_HINT : undefined },
    );
  }
}

/** An error about a document that cannot be used: `Cannot read <where>: <problem>`. */
export function documentInvalid(
  where: string,
  problem: string,
  options?: DrayErrorOptions,
): IntegrityError {
  return new IntegrityError(
    "document-invalid",
    `Cannot read ${where}: ${problem}`,
    options,
  );
}

function isWebPage(text: string): boolean {
  return /^\s*<(?:!doctype\s+)?html\b/i.test(text);
}

function decodeUtf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw documentInvalid(where, "it is not UTF-8", { cause });
  }
}
