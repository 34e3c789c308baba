import { type Digest, digestAlgorithm, digestHex } from "../spec/digest.ts";

/** The name of a layer's own folder: a colon is no part of a file name everywhere. */
export function layerFolderName(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestHex(digest)}`;
}
