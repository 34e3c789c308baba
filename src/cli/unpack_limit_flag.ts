import { UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import {
  type DiskLimit,
  LIMIT_NAMES,
  type UnpackLimits,
} from "../unpack/unpack_limits.ts";

/** One limit of an option. */
export interface UnpackLimit {
  readonly key: DiskLimit;
  readonly value: number;
}

const VALUE = /^(\d{1,15})([kmgt]?)$/i;
const FACTORS = {
  "": 1,
  k: 1000,
  m: 1000 ** 2,
  g: 1000 ** 3,
  t: 1000 ** 4,
} as const;

/** The option `--limit`, for commands that unpack. */
export const UNPACK_LIMIT_FLAG = {
  kind: "parsed",
  parse: parseUnpackLimit,
  variadic: true,
  optional: true,
  placeholder: "NAME=VALUE",
  brief: `How much an image may make: ${
    Object.values(LIMIT_NAMES).join(", ")
  }; repeatable`,
} as const;

/**
 * Parses a limit: `entries=500000`, `bytes=20G`.
 *
 * @throws UsageError usage
 */
export function parseUnpackLimit(text: string): UnpackLimit {
  const [name = "", number = ""] = text.split(/=(.*)/s);
  const key = findKey(name);
  if (key === undefined) {
    throw new UsageError(
      "usage",
      `Cannot set limit ${quoteText(name)}: there is no such limit`,
      { hint: `there are ${Object.values(LIMIT_NAMES).join(", ")}` },
    );
  }
  const match = VALUE.exec(number);
  const unit = (match?.[2] ?? "").toLowerCase() as keyof typeof FACTORS;
  const value = match === null ? NaN : Number(match[1]) * FACTORS[unit];
  if (value >= 1 && Number.isSafeInteger(value)) return { key, value };
  throw new UsageError(
    "usage",
    `Cannot set limit "${name}" to ${quoteText(number)}: not a number above 0`,
    { hint: `write it as --limit ${name}=1000, or with a unit: 500k, 20G` },
  );
}

/** All of them together; the last of a name counts. */
export function gatherLimits(
  limits: readonly UnpackLimit[] = [],
): Partial<UnpackLimits> {
  return Object.fromEntries(limits.map(({ key, value }) => [key, value]));
}

function findKey(name: string): DiskLimit | undefined {
  // Sound: these are the keys of that object.
  const keys = Object.keys(LIMIT_NAMES) as DiskLimit[];
  return keys.find((key) => LIMIT_NAMES[key] === name);
}
