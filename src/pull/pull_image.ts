import { LocalError } from "../errors.ts";
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
import { type UnpackedFolders, Unpacking } from "./unpacking.ts";

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
  /** Of the layers that were unpacked. */
  readonly folders: UnpackedFolders;
}

/** Pulls an image; when this throws, nothing of it goes on any more. */
export async function pullImage(
  context: PullContext,
  wanted: WantedPlatforms,
): Promise<PulledImage> {
  const { unpacking, ...pulled } = await transferImage(context, wanted);
  // It has failed by itself, if it has: all the rest is done, and stays.
  const folders = await unpacking.finish(pulled.plan.blobs);
  return { ...pulled, folders };
}

/** An image that is transferred and recorded, while its layers are unpacked still. */
interface TransferredImage extends Omit<PulledImage, "folders"> {
  readonly unpacking: Unpacking;
}

async function transferImage(
  context: PullContext,
  wanted: WantedPlatforms,
): Promise<TransferredImage> {
  const { work } = context;
  try {
    work.signal.throwIfAborted();
    const root = await loadRoot(context);
    const image = await chooseManifests(context, root, platformsOf(wanted));
    return await transferContent(context, image, wanted);
  } catch (error) {
    await work.fail(error);
    throw await explainFullDisk(error, context);
  }
}

async function transferContent(
  context: PullContext,
  image: ChosenImage,
  wanted: WantedPlatforms,
): Promise<TransferredImage> {
  const { work } = context;
  const plan = planPull(image);
  const unpacking = new Unpacking(context, plan.blobs, work.signal);
  try {
    const transfers = transferBlobs(context, plan.blobs, unpacking.files);
    const loading = loadConfigs(context, image, wanted);
    const starting = loading.then((configs) =>
      unpacking.start(image.manifests, configs)
    );
    await work.all<unknown>([transfers, loading, starting]);
    const [outcomes, configs] = [await transfers, await loading];
    await work.finish();
    // Before all is unpacked: whatever comes of that, what is here is worth keeping.
    await recordBeside(unpacking, () => record(context, image, configs));
    return { image, configs, plan, outcomes, unpacking };
  } catch (error) {
    await work.fail(error);
    await unpacking.fail(error);
    throw await explainFullDisk(error, context, plan.blobs);
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

/** Where unpacking has filled the disk up, it makes room for what is pulled. */
async function recordBeside(
  unpacking: Unpacking,
  recordNow: () => Promise<void>,
): Promise<void> {
  try {
    await recordNow();
  } catch (error) {
    const isFull = error instanceof LocalError && error.code === "disk-full";
    if (!isFull || unpacking.files.size === 0) throw error;
    await unpacking.fail(error);
    await recordNow();
  }
}

/** Records the image, unless it is recorded just so. */
async function record(
  { store, name, dryRun }: PullContext,
  { root, indexes, manifests }: ChosenImage,
  configs: readonly (ImageConfig | undefined)[],
): Promise<void> {
  if (dryRun) return;
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
