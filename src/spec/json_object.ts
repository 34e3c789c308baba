import type { DrayErrorOptions, IntegrityError } from "../errors.ts";
import type { Digest } from "./digest.ts";
import { excerptText, quoteText } from "./escape_text.ts";
import { documentInvalid } from "./json_document.ts";
import {
  describeValue,
  isCount,
  isJson,
  type Json,
  readDigest,
} from "./json_value.ts";

/** Reads an item of a list; `where` names the item's place for an error message. */
export type ReadItem<T> = (value: unknown, where: string) => T;

/**
 * An object in a document, whose members are read by type. A member that is null
 * counts as missing, as Go's JSON means it. All that doesn't fit throws
 * IntegrityError, naming the document and the place in it.
 */
export class JsonObject {
  readonly #object: Json;
  readonly #where: string;

  /**
   * @param value Parsed JSON.
   * @param where The document, and the place in it: `index.json, manifests[0]`.
   * @throws {IntegrityError} `document-invalid` where it is no object.
   */
  constructor(value: unknown, where: string) {
    if (!isJson(value)) throw documentInvalid(where, "it is no object");
    this.#object = value;
    this.#where = where;
  }

  /**
   * Refuses a member whose name is one of these but for case: Go's JSON takes it
   * for that one, so the document has two readings.
   */
  refuseOtherCase(names: ReadonlyMap<string, string>): this {
    for (const key of Object.keys(this.#object)) {
      const name = names.get(foldName(key));
      if (name === undefined || name === key) continue;
      throw documentInvalid(
        this.#where,
        `it has ${quoteText(key)}, which some take for "${name}"`,
      );
    }
    return this;
  }

  /** Whether the member is there, and not null. */
  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  /** Whether the member is there as null, which is how Go writes an empty list. */
  isNull(name: string): boolean {
    return Object.hasOwn(this.#object, name) && this.#object[name] === null;
  }

  /** The member as it is; undefined where it is missing. */
  value(name: string): unknown {
    // hasOwn: a document without "constructor" has none.
    const value = Object.hasOwn(this.#object, name)
      ? this.#object[name]
      : undefined;
    return value ?? undefined;
  }

  /** The member as it is, that must be there. */
  require(name: string): unknown {
    const value = this.value(name);
    if (value !== undefined) return value;
    throw this.invalid(name, "is missing");
  }

  /** Text that must be there. */
  text(name: string): string {
    const value = this.require(name);
    if (typeof value === "string") return value;
    throw this.#notText(name, value);
  }

  /** Text, or undefined where it is missing. */
  findText(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "string") return value;
    throw this.#notText(name, value);
  }

  /** A whole number of bytes or items, that must be there. */
  count(name: string): number {
    const value = this.require(name);
    if (isCount(value)) return value;
    throw this.invalid(
      name,
      `is ${describeValue(value)}, where a whole number from 0 is expected`,
    );
  }

  /** A digest of a known algorithm, that must be there. */
  digest(name: string): Digest {
    return readDigest(this.require(name), this.place(name));
  }

  /** A list, of which no item is read where it is longer than `max`. */
  findList<T>(
    name: string,
    readItem: ReadItem<T>,
    max = Infinity,
  ): T[] | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw this.invalid(name, "is no list");
    if (value.length > max) {
      throw this.invalid(name, `has ${value.length} items, more than ${max}`);
    }
    const place = this.place(name);
    return value.map((item: unknown, i) => readItem(item, `${place}[${i}]`));
  }

  /** Text by name: annotations, labels. */
  findTextMap(name: string): Record<string, string> | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const map = new JsonObject(value, this.place(name));
    return Object.fromEntries(
      Object.keys(map.#object).map((key) => [key, map.text(key)]),
    );
  }

  /** Where a member is, for the error message of who reads it. */
  place(name: string): string {
    return `${this.#where}, ${excerptText(name)}`;
  }

  /** An error about the object. */
  fault(problem: string, options?: DrayErrorOptions): IntegrityError {
    return documentInvalid(this.#where, problem, options);
  }

  /** An error about a member. */
  invalid(name: string, problem: string): IntegrityError {
    return documentInvalid(this.#where, `${excerptText(name)} ${problem}`);
  }

  #notText(name: string, value: unknown): IntegrityError {
    return this.invalid(
      name,
      `is ${describeValue(value)}, where text is expected`,
    );
  }
}

/** Names by their folded form, for {@linkcode JsonObject.refuseOtherCase}. */
export function foldNames(
  names: readonly string[],
): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [foldName(name), name]));
}

/** As Go's encoding/json compares names: ſ is s, and the Kelvin sign k. */
function foldName(name: string): string {
  return name.toLowerCase().toUpperCase();
}
