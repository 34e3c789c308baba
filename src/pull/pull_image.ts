import type { ImageConfig } from "../spec/config.ts";
import type { Digest } from "../spec/digest.ts";
import type { StoredImage } from "../store/stored_image.ts";
import { hostPlatform, type Platform } from "../spec/platform.ts";
import { chooseManifests, type ChosenImage } from "./choose_manifests.ts";
import type { ChosenManifest } from "./descent.ts";
import { checkPlatform, loadConfig, recordOf } from "./load_config.ts";
import { loadRoot } from "./load_document.ts";
import { planPull, type PullPlan } from "./plan.ts";
import type { PullContext } from "./pull_context.ts";
import { explainFullDisk } from "./room.ts";
import { type BlobOutcomes, transferBlobs } from "./transfer_blobs.ts";

/** Which platforms are to be pulled. */
export interface WantedPlatforms {
  /** Those that a user named. Default: this machine's. */
  readonly named?: readonly Platform[] | undefined;
  /** All that exist. */
  readonly all: boolean;
}

/** An image that was pulled. */
export interface PulledImage {
  readonly image: ChosenImage;
  /** Of each manifest, in order; undefined for an artifact. */
  readonly configs: readonly (ImageConfig | undefined)[];
  readonly plan: PullPlan;
  readonly outcomes: BlobOutcomes;
}

/** Pulls an image; when this throws, nothing of it goes on any more. */
export async function pullImage(
  context: PullContext,
  wanted: WantedPlatforms,
): Promise<PulledImage> {
  const { work } = context;
  try {
    work.signal.throwIfAborted();
    const root = await loadRoot(context);
    const image = await chooseManifests(context, root, platformsOf(wanted));
    const plan = planPull(image);
    const transfers = transferBlobs(context, plan.blobs);
    const loading = loadConfigs(context, image, wanted);
    await work.all<unknown>([transfers, loading]);
    const [outcomes, configs] = [await transfers, await loading];
    await work.finish();
    if (!context.dryRun) await record(context, image, configs);
    return { image, configs, plan, outcomes };
  } catch (error) {
    await work.fail(error);
    throw await explainFullDisk(error, context);
  }
}

function platformsOf(
  { named, all }: WantedPlatforms,
): readonly Platform[] | "all" {
  if (all) return "all";
  return named ?? [hostPlatform()];
}

async function loadConfigs(
  context: PullContext,
  { manifests }: ChosenImage,
  { named, all }: WantedPlatforms,
): Promise<readonly (ImageConfig | undefined)[]> {
  const host = hostPlatform();
  return await context.work.all(manifests.map(async (manifest) => {
    const config = await loadConfig(context, manifest);
    const mayDiffer = all || config === undefined;
    if (!mayDiffer) checkPlatform(context, manifest, config, { named, host });
    return config;
  }));
}

/** Records the image, unless it is recorded just so. */
async function record(
  { store, name }: PullContext,
  { root, indexes, manifests }: ChosenImage,
  configs: readonly (ImageConfig | undefined)[],
): Promise<void> {
  if (isRecorded(store.findImage(name), root.descriptor.digest, manifests)) {
    store.touchImage(name);
    return;
  }
  await store.recordImage({
    reference: name,
    root: root.descriptor,
    documents: [
      ...indexes.map((document) => ({ document })),
      ...manifests.map((manifest, position) =>
        recordOf(manifest, configs[position])
      ),
    ],
  });
}

function isRecorded(
  stored: StoredImage | undefined,
  digest: Digest,
  manifests: readonly ChosenManifest[],
): boolean {
  if (stored?.digest !== digest) return false;
  const recorded = new Set(
    stored.platforms.map(({ manifestDigest }) => manifestDigest),
  );
  return manifests.every(({ document }) =>
    recorded.has(document.descriptor.digest)
  );
}
