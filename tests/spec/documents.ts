import type { Descriptor } from "../../src/spec/descriptor.ts";
import {
  OCI_CONFIG,
  OCI_INDEX,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
} from "../../src/spec/media_type.ts";
import { DIGEST } from "./arbitraries.ts";

/** A JSON object to build documents from. */
export type Body = Readonly<Record<string, unknown>>;

/** A descriptor as a document writes it. */
export const LAYER: Descriptor = {
  mediaType: OCI_LAYER_GZIP,
  digest: DIGEST,
  size: 7,
};
/** A config's descriptor as a document writes it. */
export const CONFIG: Descriptor = {
  mediaType: OCI_CONFIG,
  digest: DIGEST,
  size: 3,
};
/** An image manifest with one layer. */
export const MANIFEST: Body = {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config: CONFIG,
  layers: [LAYER],
};
/** An index with one manifest. */
export const INDEX: Body = {
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests: [{ mediaType: OCI_MANIFEST, digest: DIGEST, size: 9 }],
};

/** A document's bytes; text goes in as it is. */
export function bytesOf(body: unknown): Uint8Array {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new TextEncoder().encode(text);
}

/** Sets a member at a path such as `layers.0.size`; undefined takes it away. */
export function withMember(body: Body, path: string, value: unknown): Body {
  const copy = structuredClone(body);
  const keys = path.split("/");
  const last = keys.pop() ?? "";
  // Sound: the tables of the tests name paths that exist.
  let parent = copy as Record<string, unknown>;
  for (const key of keys) parent = parent[key] as Record<string, unknown>;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}
