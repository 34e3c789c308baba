import { configError, type ConfigPlace } from "./config_error.ts";
import type { Credential } from "./credential.ts";

/**
 * Reads one entry of `auths`; undefined where it holds no secret. A given
 * bearer token counts first, then an identity token, then user and password.
 *
 * @param place Of the entry, for messages; becomes the credential's origin.
 * @throws UsageError config-invalid
 */
export function parseAuthEntry(
  value: unknown,
  place: ConfigPlace,
): Credential | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw configError(place, "is no object");
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const text = (key: string): string => readText(fields, key, place);
  const origin = `${place.where} (${place.key})`;
  const registryToken = text("registrytoken");
  if (registryToken !== "") {
    return { kind: "bearer", token: registryToken, origin };
  }
  const pair = splitPair(text("auth"), place) ??
    { username: text("username"), password: text("password") };
  const identityToken = text("identitytoken");
  if (identityToken !== "") {
    const { username } = pair;
    return {
      kind: "identity-token",
      token: identityToken,
      ...(username === "" ? {} : { username }),
      origin,
    };
  }
  if (pair.username === "" && pair.password === "") return undefined;
  return { kind: "basic", ...pair, origin };
}

interface Pair {
  readonly username: string;
  readonly password: string;
}

/** `auth`: user and password, joined by a colon, in base64; the first colon counts. */
function splitPair(auth: string, place: ConfigPlace): Pair | undefined {
  if (auth === "") return undefined;
  const decoded = decode(auth, place);
  const colon = decoded.indexOf(":");
  if (colon < 0) {
    throw configError(
      inner(place, "auth"),
      "holds no colon between user and password",
    );
  }
  // Docker's own files of old end in NUL bytes.
  return {
    username: decoded.slice(0, colon),
    password: decoded.slice(colon + 1).replace(/\0+$/, ""),
  };
}

function decode(auth: string, place: ConfigPlace): string {
  try {
    const bytes = Uint8Array.fromBase64(auth.trim());
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw configError(inner(place, "auth"), "is not base64 of text");
  }
}

function readText(
  fields: ReadonlyMap<string, unknown>,
  key: string,
  place: ConfigPlace,
): string {
  const value = fields.get(key);
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw configError(inner(place, key), "is no text");
}

function inner(place: ConfigPlace, key: string): ConfigPlace {
  return { ...place, key: `${place.key}.${key}` };
}
