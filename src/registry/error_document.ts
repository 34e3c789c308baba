/** The first entry of a registry's error document (distribution-spec, error codes). */
export interface ErrorEntry {
  /** Upper case with underscores: `MANIFEST_UNKNOWN`; empty where the registry gives none. */
  readonly code: string;
  /** The registry's own words; untrusted, not yet escaped. */
  readonly message: string;
}

/** A message of a registry is cut here: it stands in one line on a terminal. */
const MAX_MESSAGE_LENGTH = 300;

/**
 * The first error that a body names, where it is an error document at all:
 * proxies and storage answer with HTML or XML, which say nothing to a person.
 */
export function findErrorEntry(body: Uint8Array): ErrorEntry | undefined {
  const document = parseJson(body);
  if (!isRecord(document)) return undefined;
  const errors = document["errors"];
  const first: unknown = Array.isArray(errors) ? errors[0] : document;
  if (!isRecord(first)) return undefined;
  const code = textOf(first["code"]).toUpperCase();
  const message =
    [first["message"], first["detail"], document["error"]].map(textOf)
      .find((text) => text !== "") ?? "";
  if (code === "" && message === "") return undefined;
  return { code: /^[A-Z0-9_]{1,64}$/.test(code) ? code : "", message };
}

function textOf(value: unknown): string {
  return typeof value === "string"
    ? value.slice(0, MAX_MESSAGE_LENGTH).trim()
    : "";
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
