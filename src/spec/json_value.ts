import { IntegrityError } from "../errors.ts";
import { type Digest, findDigestFault, isDigest } from "./digest.ts";
import { quoteText } from "./escape_text.ts";
import { documentInvalid } from "./json_document.ts";

/** An object of JSON, as parsed. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is an object of JSON: neither null nor a list. */
export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a digest that stands alone, as in a list. */
export function readDigest(value: unknown, where: string): Digest {
  const text = readText(value, where);
  if (isDigest(text)) return text;
  const fault = findDigestFault(text);
  throw new IntegrityError(
    fault?.kind === "unsupported" ? "digest-unsupported" : "document-invalid",
    `Cannot read ${where}: ${
      quoteText(text)
    } cannot be used: ${fault?.problem}`,
  );
}

/** Reads text that stands alone, as in a list. */
export function readText(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw documentInvalid(
    where,
    `it is ${describeValue(value)}, where text is expected`,
  );
}

/** Whether a value is a whole number from 0 that JSON carries exactly. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** What a value is, for an error message. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return quoteText(value);
  if (Array.isArray(value)) return "a list";
  return isJson(value) ? "an object" : String(value);
}
