import { Store } from "../../store/store.ts";
import type { StoredImage } from "../../store/stored_image.ts";
import { escapeText } from "../../spec/escape_text.ts";
import { formatPlatform } from "../../spec/platform.ts";
import { formatAge } from "../../ui/format_age.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import { formatTable, type TableColumn } from "../../ui/format_table.ts";
import { shortDigest } from "../../spec/digest.ts";
import type { Session } from "../session.ts";

const COLUMNS: readonly TableColumn[] = [
  { title: "reference", shrinks: true },
  { title: "digest" },
  { title: "platforms", shrinks: true },
  { title: "size", align: "right" },
  { title: "pulled" },
];

/** Prints what is in the store. */
export async function runImages(session: Session): Promise<void> {
  await using store = await Store.open(session.storeDir);
  const images = store.listImages();
  const { json, quiet } = session.flags;
  if (json) {
    for (const image of images) session.printJson(imageJson(image));
  } else if (quiet) {
    for (const image of images) session.print(escapeText(image.reference));
  } else if (images.length === 0) {
    session.note(
      `The store ${store.dir} is empty; fill it with: dray pull alpine`,
    );
  } else {
    for (const line of imageTable(images, session)) session.print(line);
  }
}

/** Images as a table for people, no wider than the terminal where stdout is one. */
export function imageTable(
  images: readonly StoredImage[],
  session: Pick<Session, "host">,
): readonly string[] {
  const { stdio, now } = session.host;
  const rows = images.map((image) => [
    escapeText(image.reference),
    shortDigest(image.digest),
    platformNames(image).map(escapeText).join(", "),
    formatBytes(image.sizeBytes),
    formatAge(image.pulledAt, now()),
  ]);
  return formatTable(COLUMNS, rows, {
    maxWidth: stdio.stdoutIsTerminal ? stdio.size().columns : undefined,
  });
}

function imageJson(image: StoredImage): unknown {
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

function platformNames(image: StoredImage): readonly string[] {
  return image.platforms.map(({ platform }) => formatPlatform(platform));
}
