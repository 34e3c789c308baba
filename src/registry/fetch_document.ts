import { IntegrityError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Document, ImageIndex, ImageManifest } from "../spec/manifest.ts";
import { parseDocument } from "../spec/manifest.ts";
import { quoteText } from "../spec/escape_text.ts";
import { ACCEPT_DOCUMENTS, isSchema1Type } from "../spec/media_type.ts";
import type { ImageReference } from "../spec/reference.ts";
import { fetchVerified, type SmallContent } from "./fetch_verified.ts";
import { readInlineData } from "./inline_data.ts";
import type { CallOptions, RegistryContext } from "./registry_context.ts";
import { type Target, toTarget } from "./target.ts";

/** Settings of {@linkcode fetchDocument}. */
export interface FetchDocumentOptions extends CallOptions {
  /** What the reference resolved to, or a child of an index: fetched by digest, size checked. */
  readonly descriptor?: Descriptor | undefined;
}

/**
 * Fetches a manifest or index. Its raw bytes are checked against digest and
 * size before they are parsed; the data of its descriptor is used where there
 * is some, and then nothing is asked of anybody.
 */
export async function fetchDocument(
  context: RegistryContext,
  reference: ImageReference | string,
  options: FetchDocumentOptions = {},
): Promise<Document> {
  const { descriptor, ...call } = options;
  const target = toTarget(reference, descriptor);
  const inline = descriptor &&
    readInlineData(descriptor, context.maxDocumentBytes);
  if (descriptor !== undefined && inline !== undefined) {
    return parseDocument(inline, { descriptor });
  }
  const content: SmallContent = {
    ...call,
    action: "fetch manifest",
    what: target.text,
    path: `manifests/${target.selector}`,
    accept: acceptOf(descriptor?.mediaType),
    needs: target.digest === undefined ? "resolve" : "pull",
    digest: target.digest,
    size: descriptor?.size,
    findFault: (contentType) => findSchema1Fault(contentType, target),
  };
  const { bytes, digest, contentType } = await fetchVerified(
    context,
    target.repository,
    content,
  );
  return parseDocument(bytes, {
    descriptor: descriptor ?? { mediaType: "", digest, size: bytes.length },
    ...(contentType === undefined ? {} : { contentType }),
  });
}

/** Told by the header already: its digest is over a part of the bytes, and would seem not to match. */
function findSchema1Fault(
  contentType: string,
  target: Target,
): IntegrityError | undefined {
  if (!isSchema1Type(contentType)) return undefined;
  return new IntegrityError(
    "document-invalid",
    `Cannot fetch manifest ${
      quoteText(target.text)
    }: it is a manifest of Docker schema 1, which dray does not read`,
    {
      hint: "push the image again with a tool of today, or ask for another tag",
    },
  );
}

function acceptOf(mediaType: string | undefined): string {
  const known = mediaType === undefined || mediaType === "" ||
    ACCEPT_DOCUMENTS.includes(mediaType);
  return known ? ACCEPT_DOCUMENTS : `${ACCEPT_DOCUMENTS}, ${mediaType}`;
}

/** As {@linkcode fetchDocument}, where nothing but a manifest will do. */
export async function fetchManifest(
  context: RegistryContext,
  reference: ImageReference | string,
  options: FetchDocumentOptions = {},
): Promise<ImageManifest> {
  const document = await fetchDocument(context, reference, options);
  if (document.kind === "manifest") return document.manifest;
  throw wrongKind(document, "manifest");
}

/** As {@linkcode fetchDocument}, where nothing but an index will do. */
export async function fetchIndex(
  context: RegistryContext,
  reference: ImageReference | string,
  options: FetchDocumentOptions = {},
): Promise<ImageIndex> {
  const document = await fetchDocument(context, reference, options);
  if (document.kind === "index") return document.index;
  throw wrongKind(document, "index");
}

function wrongKind(
  document: Document,
  wanted: Document["kind"],
): IntegrityError {
  return new IntegrityError(
    "document-invalid",
    `Cannot use "${document.descriptor.digest}" as ${wanted}: it is of the kind ${document.kind}`,
  );
}
