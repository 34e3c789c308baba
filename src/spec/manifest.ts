import { type Descriptor, parseDescriptor } from "./descriptor.ts";
import { findDocumentType } from "./document_type.ts";
import { parseJson } from "./json_document.ts";
import { foldNames, JsonObject } from "./json_object.ts";
import { isIndexType } from "./media_type.ts";
import { omitUndefined } from "./omit_undefined.ts";

/** An image manifest, OCI or Docker schema 2 (OCI manifest.md). */
export interface ImageManifest {
  /** Always 2. */
  readonly schemaVersion: 2;
  /** OCI or Docker type. */
  readonly mediaType: string;
  /** Kind of artifact, where this is no image. */
  readonly artifactType?: string;
  /** The image's configuration. */
  readonly config: Descriptor;
  /** Lowest layer first; the same digest may stand twice. */
  readonly layers: readonly Descriptor[];
  /** The manifest that this one is about. */
  readonly subject?: Descriptor;
  /** Free text by key; untrusted. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image index or Docker manifest list (OCI image-index.md). */
export interface ImageIndex {
  /** Always 2. */
  readonly schemaVersion: 2;
  /** OCI or Docker type. */
  readonly mediaType: string;
  /** Kind of artifact, where this is no image. */
  readonly artifactType?: string;
  /** Children, in the order of preference that the index gives. */
  readonly manifests: readonly Descriptor[];
  /** The manifest that this one is about. */
  readonly subject?: Descriptor;
  /** Free text by key; untrusted. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A verified manifest. */
export interface ManifestDocument {
  /** Tells it from an index. */
  readonly kind: "manifest";
  /** Of the bytes. */
  readonly descriptor: Descriptor;
  /** As they came: the digest is of them. */
  readonly bytes: Uint8Array;
  /** What they say. */
  readonly manifest: ImageManifest;
}

/** A verified index. */
export interface IndexDocument {
  /** Tells it from a manifest. */
  readonly kind: "index";
  /** Of the bytes. */
  readonly descriptor: Descriptor;
  /** As they came: the digest is of them. */
  readonly bytes: Uint8Array;
  /** What they say. */
  readonly index: ImageIndex;
}

/** A verified manifest or index: the parsed form beside the bytes that the digest is of. */
export type Document = ManifestDocument | IndexDocument;

/** What is known about a document besides its bytes. */
export interface ParseDocumentOptions {
  /** The descriptor that led here; `mediaType` is empty where nothing named one. */
  readonly descriptor: Descriptor;
  /** The `Content-Type` header it came with. */
  readonly contentType?: string | undefined;
  /** Its name in an error message. Default: by its digest. */
  readonly where?: string | undefined;
}

/** Most layers that a manifest may have. */
export const MAX_LAYERS = 10_000;
/** Most entries that an index may have. */
export const MAX_MANIFESTS = 10_000;

/** The members of both kinds, and those of schema 1 that tell it from them. */
const MEMBERS = foldNames([
  "schemaVersion",
  "mediaType",
  "artifactType",
  "config",
  "layers",
  "manifests",
  "subject",
  "annotations",
  "fsLayers",
  "history",
]);

/**
 * Reads a manifest or an index, and refuses one that two readers could take for
 * different things (CVE-2021-41190): whoever told its type must agree, and it
 * must hold the members of that type only.
 *
 * @param bytes The document as it came, its digest and size already checked.
 * @throws {IntegrityError} `document-invalid`, or `digest-unsupported` where it
 * names content by an algorithm that dray cannot verify.
 */
export function parseDocument(
  bytes: Uint8Array,
  options: ParseDocumentOptions,
): Document {
  const { where = `document "${options.descriptor.digest}"` } = options;
  const body = new JsonObject(parseJson(bytes, where), where)
    .refuseOtherCase(MEMBERS);
  const mediaType = findDocumentType(body, options);
  const descriptor = { ...options.descriptor, mediaType };
  if (body.value("schemaVersion") !== 2) {
    throw body.invalid("schemaVersion", "is not 2");
  }
  const common = {
    schemaVersion: 2,
    mediaType,
    ...omitUndefined({
      artifactType: body.findText("artifactType"),
      subject: body.has("subject")
        ? parseDescriptor(body.value("subject"), body.place("subject"))
        : undefined,
      annotations: body.findTextMap("annotations"),
    }),
  } as const;
  if (isIndexType(mediaType)) {
    const manifests = readDescriptors(body, "manifests", MAX_MANIFESTS);
    return {
      kind: "index",
      descriptor,
      bytes,
      index: { ...common, manifests },
    };
  }
  const config = parseDescriptor(body.require("config"), body.place("config"));
  const layers = readDescriptors(body, "layers", MAX_LAYERS);
  return {
    kind: "manifest",
    descriptor,
    bytes,
    manifest: { ...common, config, layers },
  };
}

function readDescriptors(
  body: JsonObject,
  name: string,
  max: number,
): readonly Descriptor[] {
  const list = body.findList(name, parseDescriptor, max);
  if (list !== undefined) return list;
  // Go writes an empty list as null.
  if (body.isNull(name)) return [];
  throw body.invalid(name, "is missing");
}
