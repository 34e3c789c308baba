import { DrayError, LocalError } from "../errors.ts";
import { guardLocal } from "../io/local_error.ts";
import { findEntry, openRegularFile } from "../io/open_regular_file.ts";
import { parseJson } from "../spec/json_document.ts";
import { isJson } from "../spec/json_value.ts";
import { OCI_INDEX } from "../spec/media_type.ts";
import { REF_NAME } from "../store/layout.ts";
import { EXPORT_MARK } from "./write_output.ts";
import type { NamedRoot } from "./oci_entries.ts";

/** An index.json of anybody's, as it is. */
export interface LayoutIndex {
  readonly [member: string]: unknown;
  readonly manifests: readonly unknown[];
}

/** What an export leaves, at most, that was killed before it made a layout of a folder. */
const UNFINISHED: ReadonlySet<string> = new Set([
  "blobs",
  "index.json",
  "index.json.tmp",
  "oci-layout.tmp",
]);

const MAX_INDEX_BYTES = 16 << 20;

/**
 * The index.json of a folder: undefined where the folder is empty.
 *
 * @throws LocalError `folder-not-empty` where the folder is neither empty nor a layout that may
 * be added to; a store of dray's, whose index.json is made from its database, is none.
 */
export async function findLayoutIndex(
  dir: string,
): Promise<LayoutIndex | undefined> {
  const names = new Set(
    guardLocal("list", dir, () => [...Deno.readDirSync(dir)])
      .map(({ name }) => name)
      .filter((name) => !name.startsWith(".") || !name.includes(EXPORT_MARK)),
  );
  if ([...names].every((name) => UNFINISHED.has(name))) {
    return names.has("index.json") ? await readIndex(dir) : undefined;
  }
  if (names.has("oci.db")) {
    throw notOurs(dir, "it is a store of dray's", "use dray import --store");
  }
  if (!names.has("oci-layout") || !names.has("index.json")) {
    throw notOurs(dir, "it is neither empty nor an OCI image layout");
  }
  return await readIndex(dir);
}

/** The index.json with more roots; one of the same name gives way, all else stays. */
export function addRoots(
  index: LayoutIndex | undefined,
  roots: readonly NamedRoot[],
): string {
  const names = new Set(roots.map(nameOf));
  const others = (index?.manifests ?? []).filter((root) => {
    const name = nameOf(root);
    return name === undefined || !names.has(name);
  });
  const manifests = [...others, ...roots];
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    ...index,
    manifests,
  });
}

function nameOf(root: unknown): unknown {
  if (!isJson(root) || !isJson(root.annotations)) return undefined;
  return root.annotations[REF_NAME];
}

async function readIndex(dir: string): Promise<LayoutIndex> {
  const path = `${dir}/index.json`;
  if ((findEntry(path)?.size ?? 0) > MAX_INDEX_BYTES) {
    throw notOurs(dir, "its index.json is too large");
  }
  using file = openRegularFile(path);
  const bytes = await new Response(file?.readable).bytes();
  const index = parseIndex(dir, bytes);
  if (isJson(index)) {
    const { manifests } = index;
    if (Array.isArray(manifests)) return { ...index, manifests };
  }
  throw notOurs(dir, "its index.json lists no manifests");
}

function parseIndex(dir: string, bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes, "index.json");
  } catch (error) {
    if (!(error instanceof DrayError)) throw error;
    throw notOurs(dir, "its index.json is damaged");
  }
}

function notOurs(
  dir: string,
  why: string,
  hint = "name a folder that is empty, not there, or an OCI image layout",
): LocalError {
  return new LocalError(
    "folder-not-empty",
    `Cannot export to "${dir}": ${why}`,
    { hint, details: { path: dir } },
  );
}
