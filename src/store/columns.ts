import { LocalError } from "../errors.ts";
import { type Digest, findDigest } from "../spec/digest.ts";
import type { Platform } from "../spec/platform.ts";
import type { Row } from "./database.ts";
import { MEND } from "./database_error.ts";

/** A column that always holds text. */
export function textColumn(row: Row, name: string): string {
  return asText(row[name], name);
}

/** A value that must be text; `name` is for the error. */
export function asText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw unexpected(name, value);
}

/** A value that is text or nothing. */
export function findText(value: unknown, name: string): string | undefined {
  return value === null ? undefined : asText(value, name);
}

/** A column that holds a whole number. */
export function integerColumn(row: Row, name: string): number {
  return asInteger(row[name], name);
}

/** A value that must be a whole number. */
export function asInteger(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw unexpected(name, value);
}

/** A column that holds a digest. */
export function digestColumn(row: Row, name: string): Digest {
  return asDigest(row[name], name);
}

/** A value that must be a digest. */
export function asDigest(value: unknown, name: string): Digest {
  const digest = findDigest(value);
  if (digest !== undefined) return digest;
  throw unexpected(name, value);
}

/** What the columns `os`, `architecture`, `variant` and `os_version` say. */
export function asPlatform(
  os: unknown,
  architecture: unknown,
  variant: unknown,
  osVersion: unknown,
): Platform {
  const platform = {
    os: findText(os, "os") ?? "unknown",
    architecture: findText(architecture, "architecture") ?? "unknown",
  };
  if (variant === null && osVersion === null) return platform;
  return {
    ...platform,
    ...variant !== null && { variant: asText(variant, "variant") },
    ...osVersion !== null && { osVersion: asText(osVersion, "os_version") },
  };
}

/** A list or object as JSON text; nothing stays nothing. */
export function jsonValue(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function unexpected(name: string, value: unknown): LocalError {
  return new LocalError(
    "store-damaged",
    `Cannot read "oci.db": column "${name}" has an unexpected ${typeof value}`,
    { hint: MEND },
  );
}
