import type { ByteRange } from "../io/byte_range.ts";
import type { Digest } from "../spec/digest.ts";
import { parseRange } from "./parse_range.ts";
import { registryError } from "./registry_error_document.ts";
import type { ServedBlob, ServedDocument } from "./registry_source.ts";

/** Content under a digest never changes, and the digest is of the bytes as they are. */
const IMMUTABLE = "max-age=31536000, immutable, no-transform";
const MOVABLE = "no-cache, no-transform";

/** Answers with a manifest or index. */
export function serveManifest(
  request: Request,
  document: ServedDocument,
  options: { readonly byTag: boolean },
): Response {
  const { digest, mediaType } = document.descriptor;
  const headers = new Headers({
    ...contentHeaders(digest),
    "Content-Type": mediaType,
    "Content-Length": String(document.bytes.length),
    "Cache-Control": options.byTag ? MOVABLE : IMMUTABLE,
  });
  if (isNotModified(request, digest)) return notModified(headers);
  return new Response(request.method === "HEAD" ? null : document.bytes, {
    headers,
  });
}

/** Answers with a blob, or with one range of it. */
export async function serveBlob(
  request: Request,
  blob: ServedBlob,
  digest: Digest,
): Promise<Response> {
  const { size } = blob;
  const headers = new Headers({
    ...contentHeaders(digest),
    "Content-Type": "application/octet-stream",
    "Content-Length": String(size),
    "Accept-Ranges": "bytes",
    "Cache-Control": IMMUTABLE,
  });
  if (isNotModified(request, digest)) return notModified(headers);
  if (request.method === "HEAD") return new Response(null, { headers });
  const range = findRange(request, digest, size);
  if (range === "unsatisfiable") {
    const total = { "Content-Range": `bytes */${size}` };
    return registryError("RANGE_INVALID", `the blob has ${size} bytes`, total);
  }
  if (range === "whole") {
    return new Response(await openBody(blob, { start: 0, end: size }), {
      headers,
    });
  }
  const { start, end } = range;
  headers.set("Content-Range", `bytes ${start}-${end - 1}/${size}`);
  headers.set("Content-Length", String(end - start));
  const body = await openBody(blob, range);
  return new Response(body, { status: 206, headers });
}

function contentHeaders(digest: Digest): Record<string, string> {
  return { "Docker-Content-Digest": digest, "ETag": entityTag(digest) };
}

function entityTag(digest: Digest): string {
  return `"${digest}"`;
}

async function openBody(
  blob: ServedBlob,
  range: ByteRange,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null> {
  return range.start === range.end ? null : await blob.open(range);
}

/** A range counts only where its `If-Range` names this very content. */
function findRange(
  request: Request,
  digest: Digest,
  size: number,
): ByteRange | "whole" | "unsatisfiable" {
  const condition = request.headers.get("if-range");
  if (condition !== null && condition !== entityTag(digest)) return "whole";
  return parseRange(request.headers.get("range") ?? undefined, size);
}

function isNotModified(request: Request, digest: Digest): boolean {
  const known = request.headers.get("if-none-match");
  if (known === null) return false;
  return known.split(",").some((tag) =>
    tag.trim() === "*" || tag.trim().replace(/^W\//, "") === entityTag(digest)
  );
}

function notModified(headers: Headers): Response {
  headers.delete("Content-Length");
  return new Response(null, { status: 304, headers });
}
