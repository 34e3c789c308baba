import { errorDocument } from "./fake_auth.ts";
import type { TestBlob, TestImage } from "./image_builder.ts";
import type { RecordedRequest } from "./raw_request.ts";
import { type RawResponse, rawResponse } from "./raw_response.ts";

interface Repository {
  readonly tags: Map<string, TestBlob>;
  readonly documents: Map<string, TestBlob>;
  readonly blobs: Map<string, TestBlob>;
}

/** Options of {@linkcode FakeContent}. */
export interface FakeContentOptions {
  /** Most tags on one page, whatever `n` says. Default: no limit. */
  readonly pageSize?: number;
  /** Whether ranges of blobs are served. Default: true. */
  readonly ranges?: boolean;
}

/** What a fake registry holds, and plain answers about it. */
export class FakeContent {
  readonly #repositories = new Map<string, Repository>();
  readonly #options: FakeContentOptions;

  constructor(options: FakeContentOptions = {}) {
    this.#options = options;
  }

  /** Adds an image under a tag; an empty tag adds it by digest only. */
  push(repository: string, tag: string, image: TestImage): void {
    const held = this.#repositories.get(repository) ??
      { tags: new Map(), documents: new Map(), blobs: new Map() };
    this.#repositories.set(repository, held);
    for (const document of image.documents) {
      held.documents.set(document.descriptor.digest, document);
    }
    for (const blob of image.blobs) {
      held.blobs.set(blob.descriptor.digest, blob);
    }
    held.documents.set(image.root.descriptor.digest, image.root);
    if (tag !== "") held.tags.set(tag, image.root);
  }

  /** Takes a blob or document away, so that it is answered with 404. */
  remove(repository: string, digest: string): void {
    this.#repositories.get(repository)?.documents.delete(digest);
    this.#repositories.get(repository)?.blobs.delete(digest);
  }

  /** Takes a tag away; what it named is there by digest. */
  removeTag(repository: string, tag: string): void {
    this.#repositories.get(repository)?.tags.delete(tag);
  }

  /** Serves these bytes under a digest that may be another's. */
  replace(
    repository: string,
    digest: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): void {
    const held = this.#repositories.get(repository);
    for (const kind of [held?.documents, held?.blobs]) {
      const old = kind?.get(digest);
      if (old !== undefined) kind?.set(digest, { ...old, bytes });
    }
  }

  findBlob(repository: string, digest: string): TestBlob | undefined {
    return this.#repositories.get(repository)?.blobs.get(digest);
  }

  manifest(repository: string, reference: string): RawResponse {
    const held = this.#repositories.get(repository);
    if (held === undefined) {
      return errorDocument(404, "NAME_UNKNOWN", "repository name not known");
    }
    const found = held.tags.get(reference) ?? held.documents.get(reference);
    if (found === undefined) {
      return errorDocument(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }
    const { digest, mediaType } = found.descriptor;
    return rawResponse(200, {
      "Content-Type": mediaType,
      "Docker-Content-Digest": digest,
      "ETag": `"${digest}"`,
    }, found.bytes);
  }

  blob(
    repository: string,
    digest: string,
    request: RecordedRequest,
  ): RawResponse {
    const found = this.findBlob(repository, digest);
    if (found === undefined) {
      return errorDocument(404, "BLOB_UNKNOWN", "blob unknown to registry");
    }
    const headers = {
      "Content-Type": "application/octet-stream",
      "Docker-Content-Digest": digest,
      "ETag": `"${digest}"`,
      ...this.#options.ranges === false ? {} : { "Accept-Ranges": "bytes" },
    };
    if (this.#options.ranges === false) {
      return rawResponse(200, headers, found.bytes);
    }
    return serveRange(found.bytes, headers, request);
  }

  tags(repository: string, query: URLSearchParams): RawResponse {
    const held = this.#repositories.get(repository);
    if (held === undefined) {
      return errorDocument(404, "NAME_UNKNOWN", "repository name not known");
    }
    const last = query.get("last") ?? "";
    const all = [...held.tags.keys()].sort().filter((tag) => tag > last);
    const asked = query.has("n") ? Number(query.get("n")) : Infinity;
    const count = Math.min(asked, this.#options.pageSize ?? Infinity);
    const page = all.slice(0, count);
    const next = `/v2/${repository}/tags/list?n=${count}&last=${page.at(-1)}`;
    const headers = { "Content-Type": "application/json" };
    const link = page.length < all.length
      ? { Link: `<${next}>; rel="next"` }
      : {};
    return rawResponse(
      200,
      { ...headers, ...link },
      JSON.stringify({ name: repository, tags: page }),
    );
  }
}

/** Answers a single range with 206, one past the end with 416, all else with 200. */
function serveRange(
  whole: Uint8Array,
  headers: Readonly<Record<string, string>>,
  request: RecordedRequest,
): RawResponse {
  const full = { ...rawResponse(200, headers, whole), whole };
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const condition = request.headers.get("if-range");
  if (match === null || (condition !== null && condition !== headers["ETag"])) {
    return full;
  }
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return full;
  const start = first === ""
    ? Math.max(0, whole.length - Number(last))
    : Number(first);
  const end = first === "" || last === ""
    ? whole.length
    : Math.min(whole.length, Number(last) + 1);
  if (start >= end) {
    return errorDocument(416, "RANGE_INVALID", "invalid range", {
      "Content-Range": `bytes */${whole.length}`,
    });
  }
  return {
    ...rawResponse(206, {
      ...headers,
      "Content-Range": `bytes ${start}-${end - 1}/${whole.length}`,
    }, whole.subarray(start, end)),
    offset: start,
    whole,
  };
}
