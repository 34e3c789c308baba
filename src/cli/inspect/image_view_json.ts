import { formatPlatform } from "../../spec/platform.ts";
import type { ImageView } from "./image_view.ts";
import { imageBytes, listLayers } from "./list_layers.ts";

/** `dray inspect --json`. */
export function imageViewJson(view: ImageView): unknown {
  const { root, manifest, config } = view;
  return {
    reference: view.reference,
    digest: root.descriptor.digest,
    mediaType: root.descriptor.mediaType,
    platforms: view.platforms.map(formatPlatform),
    pulledAt: view.pulledAt,
    rateLimit: view.rateLimit,
    platform: config && formatPlatform(config.platform),
    manifestDigest: manifest.descriptor.digest,
    configDigest: manifest.manifest.config.digest,
    artifactType: manifest.manifest.artifactType,
    annotations: manifest.manifest.annotations,
    sizeBytes: imageBytes(view),
    createdAt: config?.created,
    author: config?.author,
    entrypoint: config?.entrypoint,
    cmd: config?.cmd,
    env: config?.env,
    workingDir: config?.workingDir,
    user: config?.user,
    labels: config?.labels,
    volumes: config?.volumes,
    exposedPorts: config?.exposedPorts,
    stopSignal: config?.stopSignal,
    layers: listLayers(view),
  };
}
