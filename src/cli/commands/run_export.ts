import { LocalError, UsageError } from "../../errors.ts";
import { exportImage } from "../../export/export_image.ts";
import type {
  ExportedImage,
  ExportResult,
} from "../../export/export_options.ts";
import type { ExportTarget } from "../../export/write_output.ts";
import { escapeText } from "../../spec/escape_text.ts";
import { count } from "../../ui/describe_done.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import { formatDuration } from "../../ui/format_duration.ts";
import { mustFindStoredImage } from "../find_stored_image.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openStoreToRead } from "../open_store.ts";
import { parsePlatformArguments } from "../parse_argument.ts";
import { retainContent } from "../retain_content.ts";
import type { Session } from "../session.ts";
import { isStdoutPath } from "../standard_paths.ts";
import { StdoutClosedError } from "../stdio.ts";
import { gatherLimits } from "../unpack_limit_flag.ts";
import type { ExportFlags } from "./export_command.ts";

type Flags = ExportFlags & GlobalFlags;

/** Exports images into one archive or folder, and prints where it is. */
export async function runExport(
  session: Session,
  flags: Flags,
  args: readonly string[],
): Promise<void> {
  const path = checkOutput(session, flags);
  const platforms = parsePlatformArguments(flags.platform);
  await using store = await openStoreToRead(session);
  await using _kept = await retainContent(session, store);
  const images = args.map((text) =>
    mustFindStoredImage(session, store, text, "export")
  );
  const target = isStdoutPath(path) ? stdoutTarget(session) : path;
  const result = await exportImage(images, target, {
    store,
    platforms,
    format: flags.format,
    keepIndex: flags.keepIndex,
    limits: gatherLimits(flags.limit),
    sync: !flags.noSync,
    onEvent: session.listener,
    signal: session.signal,
  });
  for (const { reference } of result.images) store.touchImage(reference);
  show(session, flags, result);
}

function checkOutput(session: Session, { output, format }: Flags): string {
  if (output === undefined || output === "") {
    throw new UsageError("usage", "Cannot export: no output is named", {
      hint: "say where to: -o FILE, or -o - for stdout",
    });
  }
  if (!isStdoutPath(output)) return output;
  if (format === "oci-dir") {
    throw new UsageError("usage", "Cannot export a folder to stdout", {
      hint: "use --format oci-archive, or name a folder",
    });
  }
  if (session.host.stdio.stdoutIsTerminal) {
    throw new UsageError("usage", "Cannot export to a terminal", {
      hint: "name a file, or pipe it to where it is to go",
    });
  }
  return output;
}

function stdoutTarget({ host: { stdio } }: Session): ExportTarget {
  return new WritableStream<Uint8Array>({
    write: async (bytes) => {
      try {
        await (stdio.streamOut?.(bytes) ?? stdio.writeOut(bytes));
      } catch (error) {
        throw error instanceof StdoutClosedError ? readerGone(error) : error;
      }
    },
  });
}

/** Part of a list is what whoever pipes it to `head` wants; part of an archive is of no use. */
function readerGone(cause: StdoutClosedError): LocalError {
  return new LocalError(
    "reader-gone",
    "Cannot export to stdout: whoever read it went away before its end",
    { cause },
  );
}

function show(session: Session, flags: Flags, result: ExportResult): void {
  for (const image of result.images) {
    noteDigest(session, image);
    noteType(session, image, result);
  }
  const { images, bytes, elapsedMs, path } = result;
  const place = path === undefined ? "stdout" : path;
  session.note(
    `${count(images.length, "image")}, ${formatBytes(bytes)} to ${place} in ${
      formatDuration(elapsedMs)
    }`,
  );
  // stdout is the archive's own.
  if (path === undefined) return;
  if (flags.json) session.printJson(result);
  else session.print(escapeText(path));
}

/** skopeo reads index.json by name, and passes over what has no type of OCI's. */
function noteType(
  session: Session,
  { reference, mediaType }: ExportedImage,
  { images }: ExportResult,
): void {
  if (!mediaType?.startsWith("application/vnd.docker.")) return;
  session.note(
    `${reference}: is in Docker's own format, which skopeo finds in an OCI layout only ${
      images.length > 1 ? "where it is alone" : "without a name"
    }; docker-archive works for it`,
  );
}

/** Who pins digests must know that it is another. */
function noteDigest(
  session: Session,
  { reference, digest, exportedDigest, platforms }: ExportedImage,
): void {
  if (exportedDigest === undefined || exportedDigest === digest) return;
  session.note(
    `${reference}: only ${
      platforms.join(", ")
    }, so its digest is ${exportedDigest}`,
  );
}
