import { IntegrityError, NotFoundError, UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { formatReference, parseReference } from "../spec/reference.ts";
import { findReference } from "./archive_names.ts";
import type { ArchivedImage, ImportOptions } from "./import_options.ts";

/** An image, and the references to record it under; none where nobody said how to call it. */
export interface Choice<Image extends ArchivedImage> {
  readonly image: Image;
  readonly references: readonly string[];
}

type Wish = Pick<ImportOptions, "tags" | "image" | "acceptNames">;

/**
 * Decides what is imported under which names. A name in an archive is whatever its maker wrote
 * there, so none is taken without the user's word (CVE-2026-50195).
 *
 * @param archive Names it in a message.
 * @throws UsageError `name-needed` where names are to be accepted and there is none; `usage`, `reference-invalid`
 * @throws NotFoundError `not-in-archive`
 */
export function chooseImages<Image extends ArchivedImage>(
  images: readonly Image[],
  { tags = [], image, acceptNames = false }: Wish,
  archive: string,
): readonly Choice<Image>[] {
  const selected = image === undefined
    ? images
    : selectImages(images, image, archive);
  if (tags.length > 0) return [tagOne(selected, tags, archive)];
  if (acceptNames) return takeNames(selected, archive);
  // Whoever types a name vouches for it.
  const typed = image === undefined ? undefined : findReference(image);
  const [only] = selected;
  if (only !== undefined && typed !== undefined && only.names.includes(typed)) {
    return [{ image: only, references: [typed] }];
  }
  return withoutNames(selected);
}

function withoutNames<Image extends ArchivedImage>(
  selected: readonly Image[],
): readonly Choice<Image>[] {
  const byDigest = new Map(selected.map((image) => [image.digest, image]));
  return [...byDigest.values()].map((image) => ({ image, references: [] }));
}

function selectImages<Image extends ArchivedImage>(
  images: readonly Image[],
  wanted: string,
  archive: string,
): readonly Image[] {
  const name = findReference(wanted);
  const exact = images.filter(({ names, labels, digest }) =>
    labels.includes(wanted) || digest === wanted ||
    name !== undefined && names.includes(name)
  );
  const found = exact.length > 0
    ? exact
    : images.filter(({ digest }) => beginsWith(digest, wanted));
  const where = quoteText(archive);
  if (found.length === 1) return found;
  if (found.length === 0) {
    throw new NotFoundError(
      "not-in-archive",
      `Cannot import ${quoteText(wanted)}: ${where} has no image of that name`,
      { hint: "dray import --list shows what it has" },
    );
  }
  throw new UsageError(
    "usage",
    `Cannot import ${
      quoteText(wanted)
    }: ${found.length} images of ${where} are called so`,
    { hint: "choose by digest: dray import --list shows them" },
  );
}

function beginsWith(digest: string, start: string): boolean {
  const hex = digest.slice(digest.indexOf(":") + 1);
  return /^(?:sha(?:256|512):)?[0-9a-f]{4,}$/.test(start) &&
    (digest.startsWith(start) || hex.startsWith(start));
}

function tagOne<Image extends ArchivedImage>(
  selected: readonly Image[],
  tags: readonly string[],
  archive: string,
): Choice<Image> {
  const references = tags.map((tag) => formatReference(parseReference(tag)));
  const [image, ...others] = selected;
  if (image !== undefined && others.length === 0) {
    return { image, references: [...new Set(references)] };
  }
  throw new UsageError(
    "usage",
    `Cannot give one name to the ${selected.length} images of ${
      quoteText(archive)
    }`,
    { hint: "choose one with --image NAME: dray import --list shows them" },
  );
}

function takeNames<Image extends ArchivedImage>(
  selected: readonly Image[],
  archive: string,
): readonly Choice<Image>[] {
  const taken = new Set<string>();
  for (const { names, digest } of selected) {
    if (names.length === 0) {
      throw nameNeeded(archive, `it has no name to accept for ${digest}`);
    }
    for (const name of names) {
      if (taken.has(name)) throw namedTwice(name, archive);
      taken.add(name);
    }
  }
  return selected.map((image) => ({ image, references: image.names }));
}

function nameNeeded(archive: string, why: string): UsageError {
  return new UsageError(
    "name-needed",
    `Cannot import ${quoteText(archive)}: ${why}`,
    {
      hint: "name one image with --tag REF (--image NAME chooses it), or " +
        "trust the archive's own names with --accept-names",
    },
  );
}

function namedTwice(name: string, archive: string): IntegrityError {
  return new IntegrityError(
    "archive-invalid",
    `Cannot import ${quoteText(archive)}: it has two images called "${name}"`,
    { hint: "choose one with --image DIGEST --tag REF" },
  );
}
