import { NotFoundError } from "../../errors.ts";
import type { RetryNotice } from "../../http/http_request.ts";
import type { RegistryClient } from "../../registry/registry_client.ts";
import { parseImageConfig } from "../../spec/config.ts";
import type { Document, ManifestDocument } from "../../spec/manifest.ts";
import { isImageConfigType } from "../../spec/media_type.ts";
import { hostPlatform, type Platform } from "../../spec/platform.ts";
import { formatReference, type ImageReference } from "../../spec/reference.ts";
import { listPlatforms } from "../../spec/select_manifest.ts";
import { chooseManifest } from "./choose_manifest.ts";
import type { ImageView } from "./image_view.ts";

/** What {@linkcode viewRemoteImage} takes. */
export interface RemoteViewOptions {
  /** Default: this machine's. */
  readonly platform?: Platform | undefined;
  /** The verb of messages. Default: `inspect`. */
  readonly action?: string | undefined;
  readonly signal: AbortSignal;
  /** Told of each wait before another attempt. */
  readonly onRetry: (notice: RetryNotice) => void;
}

/** Indexes inside one another; more is no image but a trap. */
const MAX_INDEX_DEPTH = 4;

/** An image of a registry; only its documents are fetched, and nothing is stored. */
export async function viewRemoteImage(
  client: RegistryClient,
  reference: ImageReference,
  options: RemoteViewOptions,
): Promise<ImageView> {
  const { platform: _platform, action, ...call } = options;
  const root = await client.fetchDocument(reference, call);
  const manifest = await descend(client, reference, root, options);
  const { config } = manifest.manifest;
  const configBytes = await client.fetchConfigBytes(reference, config, call);
  const parsed = isImageConfigType(config.mediaType)
    ? parseImageConfig(configBytes)
    : undefined;
  if (root.kind === "manifest" && options.platform && parsed !== undefined) {
    const only = { ...root.descriptor, platform: parsed.platform };
    const index = {
      schemaVersion: 2,
      mediaType: "",
      manifests: [only],
    } as const;
    const name = formatReference(reference);
    chooseManifest(index, options.platform, name, action);
  }
  const rateLimit = client.findRateLimit(reference.registry);
  const ownPlatform = parsed === undefined ? [] : [parsed.platform];
  return {
    reference: formatReference(reference),
    root,
    platforms: root.kind === "index" ? listPlatforms(root.index) : ownPlatform,
    manifest,
    configBytes,
    ...(parsed === undefined ? {} : { config: parsed }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}

async function descend(
  client: RegistryClient,
  reference: ImageReference,
  root: Document,
  options: RemoteViewOptions,
): Promise<ManifestDocument> {
  const name = formatReference(reference);
  const { platform = hostPlatform(), action, ...call } = options;
  let document = root;
  for (let depth = 0; depth < MAX_INDEX_DEPTH; depth++) {
    if (document.kind === "manifest") return document;
    const descriptor = chooseManifest(
      document.index,
      platform,
      name,
      action,
    );
    document = await client.fetchDocument(reference, { ...call, descriptor });
  }
  if (document.kind === "manifest") return document;
  throw new NotFoundError(
    "platform-not-found",
    `Cannot ${
      action ?? "inspect"
    } "${name}": its indexes are nested more than ${MAX_INDEX_DEPTH} deep`,
  );
}
