import { UsageError } from "../../errors.ts";
import { unnamedReference } from "../../import/archive_names.ts";
import { ImageArchive } from "../../import/image_archive.ts";
import type {
  ArchivedImage,
  ImportedImage,
} from "../../import/import_options.ts";
import type { ImportSource } from "../../import/open_image_files.ts";
import { escapeText } from "../../spec/escape_text.ts";
import { formatReference, parseReference } from "../../spec/reference.ts";
import { Store } from "../../store/store.ts";
import type { StoredImage } from "../../store/stored_image.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import { formatDuration } from "../../ui/format_duration.ts";
import { formatTable } from "../../ui/format_table.ts";
import { describePulled, pulledName } from "../describe_pulled.ts";
import type { GlobalFlags } from "../global_flags.ts";
import {
  parsePlatformArguments,
  parseReferenceArgument,
} from "../parse_argument.ts";
import { retainContent } from "../retain_content.ts";
import type { Session } from "../session.ts";
import { isStdinPath } from "../standard_paths.ts";
import type { ImportFlags } from "./import_command.ts";

type Flags = ImportFlags & GlobalFlags;

/** Imports images and prints the digest of each, or lists what there is. */
export async function runImport(
  session: Session,
  flags: Flags,
  [path = ""]: readonly string[],
): Promise<void> {
  const tags = flags.tag?.map((text) =>
    formatReference(parseReferenceArgument(session, text))
  );
  checkFlags(flags);
  const platforms = parsePlatformArguments(flags.platform);
  const source = chooseSource(session, path);
  const { signal } = session;
  await using store = await Store.open(session.storeDir, {
    sync: !flags.noSync,
    signal,
  });
  // What is here already must still be here when the images are recorded.
  await using _kept = await retainContent(session, store);
  await using archive = await ImageArchive.open(source, { store, signal });
  if (flags.list) return list(session, flags, archive.images);
  const { image, acceptNames } = flags;
  const before = new Map(
    store.listImages().map((stored) => [stored.reference, stored]),
  );
  const imported = await archive.import({
    tags,
    image,
    acceptNames,
    platforms,
    onEvent: session.listener,
    signal,
  });
  for (const each of imported) show(session, flags, each, before);
  if (imported.some(isUnnamed)) {
    session.note(
      "No name is taken from an archive by itself: give one with --tag REF, " +
        "or take its own with --accept-names (--list shows them)",
    );
  }
}

function isUnnamed({ reference, digest }: ImportedImage): boolean {
  return reference === unnamedReference(digest);
}

function checkFlags({ tag, acceptNames }: Flags): void {
  if (tag === undefined || !acceptNames) return;
  throw new UsageError(
    "usage",
    "Cannot name images: both --tag and --accept-names are given",
  );
}

function chooseSource({ host: { stdio } }: Session, path: string) {
  if (path === "") {
    throw new UsageError("usage", 'Cannot import "": it names no file');
  }
  if (!isStdinPath(path)) return path;
  if (stdio.terminal !== undefined) {
    throw new UsageError("usage", "Cannot import from a terminal", {
      hint:
        "name a file, or pipe an archive in: docker save app | dray import -",
    });
  }
  const source: ImportSource = stdio.stdin();
  return source;
}

function list(
  session: Session,
  { json, quiet }: Flags,
  images: readonly ArchivedImage[],
): void {
  if (json) return images.forEach((image) => session.printJson(image));
  const rows = images.map(({ names, labels, digest }) => [
    [...names, ...labels].map(escapeText).join(", ") || "-",
    digest,
  ]);
  if (quiet) return rows.forEach(([name = ""]) => session.print(name));
  const columns = [{ title: "name" }, { title: "digest" }];
  for (const line of formatTable(columns, rows)) session.print(line);
}

function show(
  session: Session,
  flags: Flags,
  image: ImportedImage,
  before: ReadonlyMap<string, StoredImage>,
): void {
  const { reference, bytesImported, bytesReused, elapsedMs } = image;
  const here = bytesReused > 0 ? `, ${formatBytes(bytesReused)} here` : "";
  session.note(
    `${reference}: ${formatBytes(bytesImported)} imported${here} in ${
      formatDuration(elapsedMs)
    }`,
  );
  const earlier = before.get(reference);
  const moved = describePulled(image, earlier, session.host.now());
  if (moved !== undefined) session.note(moved);
  if (flags.json) session.printJson(image);
  else session.print(pulledName(parseReference(reference), image));
}
