import { LocalError } from "../errors.ts";
import { type Digest, findDigest } from "../spec/digest.ts";
import type { Platform } from "../spec/platform.ts";
import type { Row } from "./database.ts";

/** A column that always holds text. */
export function textColumn(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === "string") return value;
  throw unexpected(name, value);
}

/** A column that holds text or nothing. */
export function findTextColumn(row: Row, name: string): string | undefined {
  return row[name] === null ? undefined : textColumn(row, name);
}

/** A column that holds a whole number. */
export function integerColumn(row: Row, name: string): number {
  const value = row[name];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw unexpected(name, value);
}

/** A column that holds a digest. */
export function digestColumn(row: Row, name: string): Digest {
  const digest = findDigest(row[name]);
  if (digest !== undefined) return digest;
  throw unexpected(name, row[name]);
}

/** The columns `os`, `architecture`, `variant` and `os_version`. */
export function platformColumns(row: Row): Platform {
  const variant = findTextColumn(row, "variant");
  const osVersion = findTextColumn(row, "os_version");
  return {
    os: findTextColumn(row, "os") ?? "unknown",
    architecture: findTextColumn(row, "architecture") ?? "unknown",
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { osVersion }),
  };
}

/** A list or object as JSON text; nothing stays nothing. */
export function jsonValue(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function unexpected(name: string, value: unknown): LocalError {
  return new LocalError(
    "store-damaged",
    `Cannot read column "${name}": unexpected ${typeof value}`,
    { hint: "move oci.db away: what it holds can be pulled again" },
  );
}
