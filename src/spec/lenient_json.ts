import { isJson, type Json } from "./json_value.ts";

/** Those members that hold text, under names of ours; empty text counts as missing. */
export function textMembers<const K extends string>(
  object: Json,
  names: Readonly<Record<K, string>>,
): { readonly [P in K]?: string } {
  const members: { [P in K]?: string } = {};
  for (const ours in names) {
    const value = object[names[ours]];
    if (typeof value === "string" && value !== "") members[ours] = value;
  }
  return members;
}

/** Those entries of an object that are text. */
export function asTextMap(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asObject(value)).filter(isTextEntry),
  );
}

function isTextEntry(
  entry: readonly [string, unknown],
): entry is [string, string] {
  return typeof entry[1] === "string";
}

/** A list of texts; docker of old also wrote a single text for a command. */
export function asTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return asList(value).filter((item) => typeof item === "string");
}

/** A list, or an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An object, or an empty one. */
export function asObject(value: unknown): Json {
  return isJson(value) ? value : {};
}
