import { guardLocal } from "../io/local_error.ts";
import { findEntry, listEntries } from "../io/open_regular_file.ts";
import { findDigest } from "../spec/digest.ts";
import type { StorePaths } from "./layout.ts";

/** A file that a crash left, of no use to anybody. */
export interface Leftover {
  /** Where it is. */
  readonly path: string;
  /** Bytes. */
  readonly bytes: number;
}

/**
 * What crashes left in ingest/ besides partials: files that were to replace others, and logs
 * whose partial is gone. The caller keeps writers of content out. What is beside index.json is
 * left alone: a `dray rm` writes it under a lock of its own, and the next one replaces it.
 */
export function listLeftovers(
  { ingest }: Pick<StorePaths, "ingest">,
): readonly Leftover[] {
  const inIngest = listEntries(ingest)
    .map(({ name }) => name)
    .filter((name) => isTemporary(name) || isOrphanLog(ingest, name))
    .map((name) => `${ingest}/${name}`);
  return inIngest.flatMap((path) => {
    const info = guardLocal("open", path, () => findEntry(path));
    return info?.isFile ? [{ path, bytes: info.size }] : [];
  });
}

/** The file by which room is tried; it has a name for a few microseconds. */
export function roomPath(ingest: string): string {
  return `${ingest}/${ROOM}`;
}

const ROOM = "room.tmp";

function isTemporary(name: string): boolean {
  if (name === ROOM) return true;
  const log = withoutEnd(name, ".ranges.tmp");
  return log !== undefined && isPartialName(log);
}

function isOrphanLog(ingest: string, name: string): boolean {
  const partial = withoutEnd(name, ".ranges");
  return partial !== undefined && isPartialName(partial) &&
    findEntry(`${ingest}/${partial}`) === undefined;
}

function isPartialName(name: string): boolean {
  return findDigest(name.replace("-", ":")) !== undefined;
}

function withoutEnd(name: string, end: string): string | undefined {
  return name.endsWith(end) ? name.slice(0, -end.length) : undefined;
}
