import type { ImageSummary } from "../../store/stored_image.ts";
import { escapeText } from "../../spec/escape_text.ts";
import { formatPlatform } from "../../spec/platform.ts";
import { formatAge } from "../../ui/format_age.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import { formatTable, type TableColumn } from "../../ui/format_table.ts";
import { shortDigest } from "../../spec/digest.ts";
import { toJsonLine } from "../../ui/json_line.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { createImageFilter } from "../image_filter.ts";
import { openStoreToRead } from "../open_store.ts";
import type { Session } from "../session.ts";
import type { ImagesFlags } from "./images_command.ts";

const COLUMNS: readonly TableColumn[] = [
  // Its end tells images apart that have much in common.
  { title: "reference", cut: "middle" },
  { title: "digest" },
  { title: "platforms", cut: "end" },
  { title: "size", align: "right" },
  { title: "pulled" },
];

/** Prints what is in the store. */
export async function runImages(
  session: Session,
  flags: ImagesFlags & GlobalFlags,
  patterns: readonly string[],
): Promise<void> {
  await using store = await openStoreToRead(session);
  const all = store.catalog.summaries();
  const fits = createImageFilter(patterns, session.host.environment);
  const images = all.filter(fits);
  const { json, quiet } = flags;
  if (json) {
    printAll(session, images.map((image) => toJsonLine(imageJson(image))));
  } else if (quiet) {
    printAll(session, images.map(({ reference }) => escapeText(reference)));
  } else if (images.length === 0 && all.length > 0) {
    session.note(`None of ${all.length} images fits`);
  } else if (images.length === 0) {
    session.note(
      `The store ${store.dir} is empty; fill it with: dray pull alpine`,
    );
  } else {
    printAll(session, imageTable(images, session, flags));
  }
}

/** With one write: there may be thousands of lines. */
function printAll(session: Session, lines: readonly string[]): void {
  if (lines.length > 0) session.print(lines.join("\n"));
}

/** Images as a table for people, no wider than the terminal where stdout is one. */
export function imageTable(
  images: readonly ImageSummary[],
  session: Pick<Session, "host">,
  { digests = false }: Partial<ImagesFlags> = {},
): readonly string[] {
  const { stdio, now } = session.host;
  const nowMs = now();
  const rows = images.map((image) => [
    escapeText(image.reference),
    digests ? image.digest : shortDigest(image.digest),
    platformNames(image).join(", "),
    formatBytes(image.sizeBytes),
    formatAge(image.pulledAt, nowMs),
  ]);
  return formatTable(COLUMNS, rows, {
    maxWidth: stdio.stdoutIsTerminal ? stdio.size().columns : undefined,
  });
}

function imageJson(image: ImageSummary): unknown {
  return {
    reference: image.reference,
    digest: image.digest,
    platforms: platformNames(image),
    sizeBytes: image.sizeBytes,
    layers: image.layers,
    createdAt: image.createdAt ?? null,
    pulledAt: image.pulledAt,
    lastUsedAt: image.lastUsedAt,
  };
}

function platformNames(image: ImageSummary): readonly string[] {
  return image.platforms.map(({ platform }) => formatPlatform(platform));
}
