import type { Digest } from "./digest.ts";
import { quoteText } from "./escape_text.ts";
import { foldNames, JsonObject } from "./json_object.ts";
import { readText } from "./json_value.ts";
import { omitUndefined } from "./omit_undefined.ts";
import type { Platform } from "./platform.ts";

/** Media type, digest and size: whoever holds one knows what to check (OCI descriptor.md). */
export interface Descriptor {
  /** What the content is. */
  readonly mediaType: string;
  /** What the content must hash to. */
  readonly digest: Digest;
  /** Bytes; a safe integer, at least 0. */
  readonly size: number;
  /** Where foreign content may be had; never asked with credentials. */
  readonly urls?: readonly string[];
  /** Free text by key; untrusted. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The content itself, base64; untrusted until checked. */
  readonly data?: string;
  /** Kind of artifact that a manifest is. */
  readonly artifactType?: string;
  /** What a manifest of an index runs on. */
  readonly platform?: Platform;
}

const MEMBERS = foldNames([
  "mediaType",
  "digest",
  "size",
  "urls",
  "annotations",
  "data",
  "artifactType",
  "platform",
]);
const PLATFORM_MEMBERS = foldNames([
  "os",
  "architecture",
  "variant",
  "os.version",
  "os.features",
]);
// What a header can hold: it goes out again as a Content-Type.
const MEDIA_TYPE = /^[\x21-\x7e][\x20-\x7e]{0,254}$/;

/**
 * Reads a descriptor out of parsed JSON.
 *
 * @param value Parsed JSON.
 * @param where The document, and the place in it, for the error message:
 * `index.json, manifests[0]`.
 * @throws {IntegrityError} `document-invalid`, or `digest-unsupported` where the
 * digest is of an algorithm that dray cannot verify.
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const object = new JsonObject(value, where).refuseOtherCase(MEMBERS);
  const mediaType = object.text("mediaType");
  if (!MEDIA_TYPE.test(mediaType)) {
    throw object.invalid("mediaType", `${quoteText(mediaType)} is none`);
  }
  return {
    mediaType,
    digest: object.digest("digest"),
    size: object.count("size"),
    ...omitUndefined({
      urls: object.findList("urls", readText),
      annotations: object.findTextMap("annotations"),
      data: object.findText("data"),
      artifactType: object.findText("artifactType"),
      platform: object.has("platform")
        ? findPlatform(object.value("platform"), object.place("platform"))
        : undefined,
    }),
  };
}

/** Some writers put empty text where they know nothing, kaniko for one. */
function findPlatform(value: unknown, where: string): Platform | undefined {
  const object = new JsonObject(value, where).refuseOtherCase(PLATFORM_MEMBERS);
  const os = object.findText("os");
  const architecture = object.findText("architecture");
  if (!os && !architecture) return undefined;
  return {
    os: os || "unknown",
    architecture: architecture || "unknown",
    ...omitUndefined({
      variant: object.findText("variant") || undefined,
      osVersion: object.findText("os.version") || undefined,
      osFeatures: object.findList("os.features", readText),
    }),
  };
}
