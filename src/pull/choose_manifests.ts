import { NotFoundError } from "../errors.ts";
import type { Digest } from "../spec/digest.ts";
import type { Document, IndexDocument } from "../spec/manifest.ts";
import { formatPlatform, type Platform } from "../spec/platform.ts";
import { listPlatforms } from "../spec/select_manifest.ts";
import { type ChosenManifest, Descent } from "./descent.ts";
import type { PullContext } from "./pull_context.ts";

/** What a reference leads to. */
export interface ChosenImage {
  readonly root: Document;
  /** Indexes on the way, the root first if it is one. */
  readonly indexes: readonly IndexDocument[];
  /** Each once, in the order wanted. */
  readonly manifests: readonly ChosenManifest[];
}

/**
 * Chooses what to pull of a reference's document.
 *
 * @param wanted Platforms, or `all`.
 * @throws NotFoundError platform-not-found, with those that exist.
 * @throws IntegrityError document-invalid where indexes are nested without end.
 */
export async function chooseManifests(
  context: PullContext,
  root: Document,
  wanted: readonly Platform[] | "all",
): Promise<ChosenImage> {
  if (root.kind === "manifest") {
    return { root, indexes: [], manifests: [{ document: root }] };
  }
  const descent = new Descent(context);
  if (wanted === "all") {
    const { indexes, manifests } = await descent.findAll(root, []);
    if (manifests.length === 0) throw notFound(context, root, "any platform");
    return {
      root,
      indexes: distinct(indexes),
      manifests: distinctManifests(manifests),
    };
  }
  const found = await context.work.all(wanted.map(async (platform) => {
    const way = await descent.find(root, platform, []);
    if (way === undefined) {
      throw notFound(context, root, formatPlatform(platform));
    }
    return way;
  }));
  return {
    root,
    indexes: distinct(found.flatMap(({ path }) => path)),
    manifests: distinctManifests(found.map(({ manifest }) => manifest)),
  };
}

function distinct(indexes: readonly IndexDocument[]): readonly IndexDocument[] {
  return [
    ...new Map(indexes.map((index) => [index.descriptor.digest, index]))
      .values(),
  ];
}

function distinctManifests(
  manifests: readonly ChosenManifest[],
): readonly ChosenManifest[] {
  const byDigest = new Map<Digest, ChosenManifest>();
  for (const manifest of manifests) {
    const { digest } = manifest.document.descriptor;
    if (!byDigest.has(digest)) byDigest.set(digest, manifest);
  }
  return [...byDigest.values()];
}

function notFound(
  { name }: PullContext,
  root: IndexDocument,
  wanted: string,
): NotFoundError {
  const existing = listPlatforms(root.index).map(formatPlatform).join(", ");
  return platformNotFound(name, wanted, existing === "" ? "none" : existing);
}

/** The error of an image that doesn't come for a platform. */
export function platformNotFound(
  name: string,
  wanted: string,
  existing: string,
): NotFoundError {
  return new NotFoundError(
    "platform-not-found",
    `Cannot pull "${name}" for ${wanted}: it exists for ${existing}`,
    { hint: "choose with --platform", details: { wanted, existing } },
  );
}
