import { formatReference, parseReference } from "../../spec/reference.ts";
import type { KnownNames } from "./propose_values.ts";

/** A store with so many images that its index is larger is not worth the wait. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024;
const REF_NAME = "org.opencontainers.image.ref.name";
/** What a reference is made of; anything else could mean something to a shell. */
const SAFE = /^[\w.\-/:@[\]+]+$/;

/** Where {@linkcode storedNames} looks. */
export interface StoredNamesOptions {
  /** Undefined where no store is known. */
  readonly storeDir: string | undefined;
  /** The registry that a reference need not name. Default: `docker.io`. */
  readonly defaultRegistry?: string | undefined;
}

/**
 * The names in a store. They are read from its index.json, not from the database: nothing is
 * made, locked, migrated or mended while somebody presses a key. A store that can't be read has none.
 *
 * @param open Called when a name is wanted.
 */
export function storedNames(
  open: () => Promise<StoredNamesOptions>,
): KnownNames {
  const read = async (typed: string, partOf: (name: string) => string) => {
    const { storeDir, defaultRegistry } = await open();
    const names = (await readNames(storeDir)).map(partOf);
    return inTypedForm([...new Set(names)], typed, defaultRegistry);
  };
  return {
    references: (typed) => read(typed, (name) => name),
    repositories: (typed) => read(typed, repositoryOf),
    registries: async () => {
      const { storeDir, defaultRegistry = "docker.io" } = await open();
      const names = (await readNames(storeDir)).map(registryOf);
      return [...new Set([defaultRegistry, ...names])];
    },
  };
}

async function readNames(
  storeDir: string | undefined,
): Promise<readonly string[]> {
  if (storeDir === undefined) return [];
  try {
    const path = `${storeDir}/index.json`;
    if ((await Deno.stat(path)).size > MAX_INDEX_BYTES) return [];
    return namesIn(JSON.parse(await Deno.readTextFile(path)));
  } catch {
    // There is no store, or it is damaged: who types a command can't be helped with that.
    return [];
  }
}

function namesIn(index: unknown): readonly string[] {
  const manifests = fieldOf(index, "manifests");
  if (!Array.isArray(manifests)) return [];
  return manifests
    .map((entry) => fieldOf(fieldOf(entry, "annotations"), REF_NAME))
    .filter((name) => typeof name === "string")
    .filter((name) => SAFE.test(name))
    .sort();
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

/** As short as it may be, where what is typed begins so, else in full. */
function inTypedForm(
  names: readonly string[],
  typed: string,
  defaultRegistry: string | undefined,
): readonly string[] {
  return names.map((name) => {
    const short = familiarName(name, defaultRegistry);
    return short.startsWith(typed) ? short : name;
  });
}

/**
 * The shortest form of a canonical name: `alpine:3.20` of `docker.io/library/alpine:3.20`.
 *
 * @param defaultRegistry The registry that need not be named. Default: `docker.io`.
 */
export function familiarName(
  name: string,
  defaultRegistry = "docker.io",
): string {
  if (!name.startsWith(`${defaultRegistry}/`)) return name;
  const path = name.slice(defaultRegistry.length + 1);
  const short = defaultRegistry === "docker.io"
    ? path.replace(/^library\/(?=[^/]+$)/, "")
    : path;
  // The first part of what is left may read as a registry.
  return meansTheSame(short, name, defaultRegistry) ? short : name;
}

function meansTheSame(
  short: string,
  name: string,
  defaultRegistry: string,
): boolean {
  try {
    const means = formatReference(parseReference(short, { defaultRegistry }));
    return means === name || means === `${name}:latest`;
  } catch {
    return false;
  }
}

function repositoryOf(name: string): string {
  return name.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

function registryOf(name: string): string {
  return name.split("/", 1)[0] ?? "";
}
