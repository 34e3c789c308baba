import { NotFoundError } from "../errors.ts";
import { RefusedError } from "./refused_error.ts";
import { registryError } from "./registry_error_document.ts";
import { parseRoute, type RegistryRoute } from "./registry_route.ts";
import type {
  RegistrySource,
  SourceOptions,
  SourceRepository,
} from "./registry_source.ts";
import { serveBlob, serveManifest } from "./serve_content.ts";
import { serveCatalog, serveReferrers, serveTags } from "./serve_lists.ts";

/** Answers requests of the OCI distribution API. */
export type RegistryHandler = (
  request: Request,
  context?: SourceOptions,
) => Promise<Response>;

/** Options of {@linkcode createRegistryHandler}. */
export interface RegistryHandlerOptions {
  /** Told of each error that a client sees as status 500 only. Default: nobody. */
  readonly onError?: (error: unknown, request: Request) => void;
}

/**
 * Makes a read-only registry: the pull side of the OCI distribution
 * specification 1.1, over whatever holds the content. Writes are answered with
 * 405 and `UNSUPPORTED`.
 */
export function createRegistryHandler(
  source: RegistrySource,
  options: RegistryHandlerOptions = {},
): RegistryHandler {
  return async (request, context = {}) => {
    const response = await answer(source, request, options, context);
    response.headers.set("Docker-Distribution-Api-Version", "registry/2.0");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
}

async function answer(
  source: RegistrySource,
  request: Request,
  options: RegistryHandlerOptions,
  context: SourceOptions,
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    const allow = { Allow: "GET, HEAD" };
    return registryError("UNSUPPORTED", "this registry is read-only", allow);
  }
  const route = parseRoute(new URL(request.url));
  if (route instanceof Response) return route;
  try {
    return await serveRoute(source, request, route, context);
  } catch (error) {
    if (error instanceof RefusedError) {
      return registryError(error.code, error.message);
    }
    // A client that went away is told nothing, and nobody of it.
    if (context.signal?.aborted !== true) options.onError?.(error, request);
    return route.kind === "blob" && error instanceof NotFoundError
      ? registryError("BLOB_UNKNOWN", "it is not there any more")
      : registryError("UNKNOWN", "the registry failed");
  }
}

async function serveRoute(
  source: RegistrySource,
  request: Request,
  route: RegistryRoute,
  options: SourceOptions,
): Promise<Response> {
  const query = new URL(request.url).searchParams;
  if (route.kind === "base") return Response.json({});
  if (route.kind === "catalog") {
    const names = await source.listRepositories?.(options);
    return names === undefined
      ? registryError("NOT_FOUND", "this registry tells no repositories")
      : serveCatalog(names, query);
  }
  const { repository } = route;
  switch (route.kind) {
    case "manifest": {
      const { key } = route;
      const found = await source.findManifest(repository, key, options);
      if (found === undefined) break;
      const response = serveManifest(request, found, { byTag: "tag" in key });
      return withNamespace(response, repository);
    }
    case "blob": {
      const { digest } = route;
      const found = await source.findBlob(repository, digest, options);
      if (found === undefined) break;
      const response = await serveBlob(request, found, digest);
      return withNamespace(response, repository);
    }
    case "tags": {
      const tags = await source.findTags(repository, options);
      if (tags === undefined) break;
      return withNamespace(serveTags(repository, tags, query), repository);
    }
    case "referrers": {
      const { digest } = route;
      const found = source.findReferrers === undefined
        ? await source.findTags(repository, options) && []
        : await source.findReferrers(repository, digest, options);
      if (found === undefined) break;
      return withNamespace(serveReferrers(found, query), repository);
    }
  }
  return await unknown(source, route.kind, repository, options);
}

/** Tells a repository that is not there from content that is not. */
async function unknown(
  source: RegistrySource,
  kind: Exclude<RegistryRoute["kind"], "base" | "catalog">,
  repository: SourceRepository,
  options: SourceOptions,
): Promise<Response> {
  if (await source.findTags(repository, options) === undefined) {
    const message = "the repository is not known to this registry";
    return registryError("NAME_UNKNOWN", message);
  }
  const code = kind === "blob" ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN";
  return registryError(code, "it is not known to this registry");
}

/** Says that `?ns=` was understood (distribution specification, registry proxying). */
function withNamespace(
  response: Response,
  repository: SourceRepository,
): Response {
  const { namespace } = repository;
  // Header values are latin1 at most; a namespace that is none was not ours.
  if (namespace !== undefined && /^[\w.:[\]-]+$/.test(namespace)) {
    response.headers.set("OCI-Namespace", namespace);
  }
  return response;
}

/** Errors and lists answer HEAD with their headers alone. */
function withoutBody(response: Response): Response {
  if (response.body === null) return response;
  const { status, headers } = response;
  return new Response(null, { status, headers });
}
