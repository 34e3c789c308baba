import type { RecordedDocument } from "../store/image_record.ts";
import {
  assertLayersMatch,
  type ImageConfig,
  parseImageConfig,
} from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { isImageConfigType, OCI_MANIFEST } from "../spec/media_type.ts";
import { formatPlatform, type Platform } from "../spec/platform.ts";
import { selectManifest } from "../spec/select_manifest.ts";
import { platformNotFound } from "./choose_manifests.ts";
import type { ChosenManifest } from "./descent.ts";
import { keep, loadStored } from "./load_document.ts";
import { type PullContext, request } from "./pull_context.ts";

/** Which platforms a user named; undefined when the host's is only a default. */
export type NamedPlatforms = readonly Platform[] | undefined;

/**
 * An image's configuration, checked against its manifest; undefined for an
 * artifact, whose config is a blob like any other.
 *
 * @throws IntegrityError document-invalid when the counts of layers differ.
 */
export async function loadConfig(
  context: PullContext,
  { document }: ChosenManifest,
): Promise<ImageConfig | undefined> {
  const { config: descriptor } = document.manifest;
  if (!isImageConfigType(descriptor.mediaType)) return undefined;
  const bytes = await loadStored(context, descriptor) ??
    await fetchConfig(context, descriptor);
  const config = parseImageConfig(bytes);
  assertLayersMatch(document.manifest, config);
  return config;
}

async function fetchConfig(
  context: PullContext,
  descriptor: Descriptor,
): Promise<Uint8Array> {
  const { reference, client } = context;
  const bytes = await request(
    context,
    (options) => client.fetchConfigBytes(reference, descriptor, options),
  );
  if (descriptor.data === undefined) context.onDocumentBytes(bytes.length);
  keep(context, descriptor, bytes);
  return bytes;
}

/**
 * Compares what a config says it runs on with what its index says, or, where
 * there was nothing to choose from, with what is wanted.
 *
 * @throws NotFoundError platform-not-found when a platform that was named doesn't fit.
 */
export function checkPlatform(
  context: PullContext,
  manifest: ChosenManifest,
  config: ImageConfig,
  wanted: { readonly named: NamedPlatforms; readonly host: Platform },
): void {
  const { platform } = config;
  if (platform.os === "unknown" && platform.architecture === "unknown") return;
  const is = formatPlatform(platform);
  if (manifest.platform !== undefined) {
    if (fits(manifest.platform, platform)) return;
    const says = formatPlatform(manifest.platform);
    const message =
      `${context.name}: the index says ${says}, the image's config says ${is}`;
    return context.emit({ event: "warning", message });
  }
  for (const named of wanted.named ?? []) {
    if (!fits(named, platform)) {
      throw platformNotFound(context.name, formatPlatform(named), is);
    }
  }
  if (wanted.named !== undefined || fits(wanted.host, platform)) return;
  const message = `${context.name}: it is for ${is}, this machine is ${
    formatPlatform(wanted.host)
  }`;
  context.emit({ event: "warning", message });
}

/** Whether an image of a platform runs where another is wanted. Configs often leave the variant out. */
function fits(wanted: Platform, { variant, ...rest }: Platform): boolean {
  const filled = variant ??
    (rest.architecture === wanted.architecture ? wanted.variant : undefined);
  const platform = filled === undefined ? rest : { ...rest, variant: filled };
  const descriptor = {
    mediaType: OCI_MANIFEST,
    digest: NO_DIGEST,
    size: 0,
    platform,
  };
  const index = {
    schemaVersion: 2,
    mediaType: "",
    manifests: [descriptor],
  } as const;
  return selectManifest(index, wanted) !== undefined;
}

const NO_DIGEST: Digest = "sha256:";

/** What is recorded of a manifest. */
export function recordOf(
  { document, platform }: ChosenManifest,
  config: ImageConfig | undefined,
): RecordedDocument {
  return {
    document,
    ...(config === undefined ? {} : {
      config: { descriptor: document.manifest.config, config },
    }),
    ...(platform === undefined ? {} : { platform }),
  };
}
