import { IntegrityError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { type Document, parseDocument } from "../spec/manifest.ts";
import { formatPlatform, type Platform } from "../spec/platform.ts";
import { type PullContext, request } from "./pull_context.ts";

/** A registry nearby has answered by then, and a small image may need nothing of it. */
const WARM_UP_AFTER_MS = 50;

/**
 * Resolves the reference. What is in the store under this reference and by
 * digest needs no request; under a tag it takes a HEAD to see that it is still
 * so. What is not there comes with a single GET.
 */
export async function loadRoot(context: PullContext): Promise<Document> {
  const { reference, name, client, emit } = context;
  emit({ event: "resolve", reference: name });
  const descriptor = await findRoot(context);
  if (descriptor !== undefined) return await loadDocument(context, descriptor);
  const fetching = request(
    context,
    (options) => client.fetchDocument(reference, options),
  );
  const document = await warmUpWhile(fetching, context);
  context.onDocumentBytes(document.bytes.length);
  keep(context, document.descriptor, document.bytes);
  announce(context, document);
  return document;
}

/** Loads what the layers will need, all of it where the registry is far. */
async function warmUpWhile<T>(
  waiting: Promise<T>,
  { store, dryRun }: PullContext,
): Promise<T> {
  if (dryRun) return await waiting;
  store.warmUp();
  const timer = setTimeout(
    () => store.warmUp({ isLarge: true }),
    WARM_UP_AFTER_MS,
  );
  try {
    return await waiting;
  } finally {
    clearTimeout(timer);
  }
}

async function findRoot(context: PullContext): Promise<Descriptor | undefined> {
  const { reference, name, client, store, force } = context;
  const stored = store.findImage(name);
  const { digest } = reference;
  if (stored !== undefined && stored.digest === digest && !force) {
    const { mediaType, size } = stored;
    return { mediaType, digest, size };
  }
  // Another repository's copy of a digest says nothing about this one: the registry is asked.
  const isHere = stored !== undefined ||
    (digest !== undefined && await store.hasBlob({ digest }));
  if (!isHere) return undefined;
  return await request(
    context,
    (options) => client.resolve(reference, options),
  );
}

/** A document by its descriptor: from the store, or else from the registry and into the store. */
export async function loadDocument(
  context: PullContext,
  descriptor: Descriptor,
): Promise<Document> {
  const document = await findDocument(context, descriptor) ??
    await fetchDocument(context, descriptor);
  announce(context, document, descriptor.platform);
  return document;
}

async function findDocument(
  context: PullContext,
  descriptor: Descriptor,
): Promise<Document | undefined> {
  const bytes = await loadStored(context, descriptor);
  return bytes === undefined ? undefined : parseDocument(bytes, { descriptor });
}

async function fetchDocument(
  context: PullContext,
  descriptor: Descriptor,
): Promise<Document> {
  const { reference, client } = context;
  const document = await request(
    context,
    (options) => client.fetchDocument(reference, { ...options, descriptor }),
  );
  if (descriptor.data === undefined) {
    context.onDocumentBytes(document.bytes.length);
  }
  keep(context, document.descriptor, document.bytes);
  return document;
}

/** Puts verified bytes into the store, while the pull goes on. */
export function keep(
  { store, dryRun, work }: PullContext,
  descriptor: Descriptor,
  bytes: Uint8Array,
): void {
  if (!dryRun) work.later(store.putBlob(descriptor, bytes));
}

/**
 * A small blob of the store, its digest checked; undefined where it is missing,
 * or damaged, and then it makes room for a sound one.
 */
export async function loadStored(
  context: PullContext,
  { digest, size }: Descriptor,
): Promise<Uint8Array | undefined> {
  const { store, maxDocumentBytes } = context;
  if (!(await store.hasBlob({ digest, size }))) return undefined;
  try {
    return await store.readBlobBytes({ digest, size }, {
      maxBytes: maxDocumentBytes,
    });
  } catch (error) {
    if (
      !(error instanceof IntegrityError) || error.code === "document-too-large"
    ) throw error;
    if (!context.dryRun) await store.dropBlob(digest);
    return undefined;
  }
}

function announce(
  { emit, name }: PullContext,
  { descriptor: { digest, mediaType, size } }: Document,
  platform?: Platform,
): void {
  const chosen = platform === undefined
    ? {}
    : { platform: formatPlatform(platform) };
  emit({
    event: "manifest",
    reference: name,
    digest,
    mediaType,
    size,
    ...chosen,
  });
}
