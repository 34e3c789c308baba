import { DrayError } from "../errors.ts";
import { classifyHost } from "../http/host_address.ts";
import type { HttpRequest } from "../http/http_request.ts";
import { leadsInside } from "../http/redirect_policy.ts";
import {
  type BlobAnswer,
  readBlobAnswer,
  type WantedBlob,
} from "./blob_answer.ts";
import { type Endpoint, originEndpoint } from "./endpoint.ts";
import { type BlobCondition, blobHeaders } from "./blob_headers.ts";
import {
  type CallOptions,
  type RegistryContext,
  subjectOf,
} from "./registry_context.ts";
import type { Repository } from "./repository_name.ts";

/** Settings of one request for foreign content. */
export interface ForeignBlobOptions extends BlobCondition, CallOptions {
  readonly avoid?: ReadonlySet<string> | undefined;
}

/** Content that may be had outside of the registry. */
export interface ForeignBlob {
  /** Of the descriptor, in its order; untrusted. */
  readonly urls: readonly string[];
  readonly topic: { readonly action: string; readonly what: string };
  readonly wanted: WantedBlob;
  readonly options: ForeignBlobOptions;
  /** Why the registry didn't serve it: thrown when no URL is fit to be asked. */
  readonly cause: DrayError;
}

/** An image has one or two; a list of many would have us knock on many doors. */
const MAX_URLS = 8;

/**
 * Asks the URLs of foreign content in order. Never with credentials, the
 * registry's headers or its client certificate, whatever they answer
 * (CVE-2020-15157); and only URLs that a redirect of the registry might lead to.
 */
export async function openForeignBlob(
  context: RegistryContext,
  repository: Repository,
  foreign: ForeignBlob,
): Promise<BlobAnswer> {
  const { urls, topic, wanted, options } = foreign;
  const origin = (await context.endpointsOf(repository.registry)).at(-1) ??
    originEndpoint(repository.registry);
  const fit = findFitUrls(urls, origin, options.avoid);
  let failure = foreign.cause;
  for (const url of fit) {
    try {
      const response = await context.send(
        toRequest(url, fit.length === 1, wanted, options),
      );
      const subject = {
        ...subjectOf(context, origin, repository, topic),
        host: url.host,
      };
      return await readBlobAnswer(response, wanted, {
        ...subject,
        isForeign: true,
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof DrayError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function toRequest(
  url: URL,
  isOnly: boolean,
  wanted: WantedBlob,
  options: ForeignBlobOptions,
): HttpRequest {
  const { signal, onRetry } = options;
  return {
    url,
    headers: blobHeaders(options, isOnly),
    // Empty rather than none: a client certificate is the registry's as well.
    tls: {},
    allowPlainHttp: "never",
    expectedBytes: wanted.size,
    ...(signal === undefined ? {} : { signal }),
    ...(onRetry === undefined ? {} : { onRetry }),
  };
}

/** The URLs that may be asked: as far out in the network as the registry, and as safe. */
export function findFitUrls(
  urls: readonly string[],
  { base }: Endpoint,
  avoid: ReadonlySet<string> = new Set(),
): readonly URL[] {
  const kind = classifyHost(base.hostname);
  const isPlainFit = base.protocol === "http:" || kind === "loopback";
  const fit = urls.slice(0, MAX_URLS).map((url) => URL.parse(url)).filter((
    url,
  ) => url !== null)
    .filter(({ protocol }) =>
      protocol === "https:" || (protocol === "http:" && isPlainFit)
    )
    .filter(({ username, password }) => username === "" && password === "")
    .filter((url) => !leadsInside(kind, url));
  const wanted = fit.filter(({ host }) => !avoid.has(host));
  return wanted.length > 0 ? wanted : fit;
}
