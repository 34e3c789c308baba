import { FakeAuth, type FakeAuthOptions } from "./fake_auth.ts";
import { FakeContent, type FakeContentOptions } from "./fake_content.ts";
import { FaultList, type FaultRule } from "./faults.ts";
import type { TestImage } from "./image_builder.ts";
import type { RecordedRequest } from "./raw_request.ts";
import { answerCdn, answerRegistry, parseRoute } from "./fake_routes.ts";
import { SignedUrls } from "./signed_urls.ts";
import {
  type RawServer,
  type RawServerOptions,
  startRawServer,
} from "./raw_server.ts";

/** Options of {@linkcode startFakeRegistry}. */
export interface FakeRegistryOptions
  extends FakeContentOptions, RawServerOptions {
  /** Default: none. */
  readonly auth?: FakeAuthOptions;
  /** Redirects blobs to a second server, with a signed URL. Default: false. */
  readonly redirectBlobs?: boolean;
  /** Requests that a signed URL is good for. Default: any number; see `expireSignedUrls()`. */
  readonly signedUrlUses?: number;
  readonly faults?: readonly FaultRule[];
}

/** A registry in this process that records what it is asked and fails as it is told. */
export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`: what stands before the repository in a reference. */
  readonly host: string;
  readonly url: string;
  /** The registry's own server. */
  readonly server: RawServer;
  /** Where redirected blobs are served; always there, used where `redirectBlobs` says so. */
  readonly cdn: RawServer;
  /** Where tokens are had with `realm: "other"`. */
  readonly tokenServer: RawServer;
  /** Requests to the registry's own server, tokens included where the realm is there. */
  readonly requests: readonly RecordedRequest[];
  /** Token requests, wherever the realm is. */
  readonly tokenRequests: readonly RecordedRequest[];
  /** GETs of blobs that were answered with content, at the registry or the CDN. */
  readonly blobRequests: readonly RecordedRequest[];
  readonly auth: FakeAuth;
  readonly content: FakeContent;
  /** Adds an image; returns `HOST/REPOSITORY:TAG`. An empty tag adds it by digest only. */
  push(repository: string, tag: string, image: TestImage): string;
  /** Adds fault rules. They strike answers past authentication, in order, and compose. */
  fault(...rules: readonly FaultRule[]): void;
  clearFaults(): void;
  /** Makes every signed URL given so far answer 403. */
  expireSignedUrls(): void;
  /** Forgets what was recorded. */
  clear(): void;
}

/** Starts a fake registry: `await using registry = startFakeRegistry()`. */
export function startFakeRegistry(
  options: FakeRegistryOptions = {},
): FakeRegistry {
  const content = new FakeContent(options);
  const auth = new FakeAuth(options.auth);
  const faults = new FaultList();
  faults.add(...options.faults ?? []);
  const signed = new SignedUrls(options.signedUrlUses ?? Infinity);
  const { tls, hostname } = options;
  const side: RawServerOptions = {
    ...tls === undefined ? {} : { tls },
    ...hostname === undefined ? {} : { hostname },
  };
  const cdn = startRawServer(
    (request) => faults.apply(answerCdn(request, content, signed), request),
    side,
  );
  const tokenServer = startRawServer(
    (request) => faults.apply(auth.grant(request), request),
    side,
  );
  const realm = (): string =>
    realmOf(options.auth, server.url, tokenServer.url);
  const server = startRawServer(async (request) => {
    if (request.path === "/token") {
      return await faults.apply(auth.grant(request), request);
    }
    const route = parseRoute(request.path);
    const refusal = auth.refuse(request, route?.repository ?? "", realm());
    if (refusal !== undefined) return refusal;
    const redirect = options.redirectBlobs === true ? signed : undefined;
    const answer = answerRegistry(request, route, content, redirect, cdn.url);
    return await faults.apply(answer, request);
  }, options);
  const servers = [server, cdn, tokenServer];
  return {
    host: server.host,
    url: server.url,
    server,
    cdn,
    tokenServer,
    auth,
    content,
    get requests() {
      return server.requests;
    },
    get tokenRequests() {
      return servers.flatMap((one) => one.requests).filter((request) =>
        request.path === "/token"
      );
    },
    get blobRequests() {
      return servers.flatMap((one) => one.requests).filter((request) =>
        request.method === "GET" && /\/(blobs|cdn)\//.test(request.path) &&
        request.status < 300
      );
    },
    push(repository, tag, image) {
      content.push(repository, tag, image);
      return tag === ""
        ? `${server.host}/${repository}@${image.root.descriptor.digest}`
        : `${server.host}/${repository}:${tag}`;
    },
    fault: (...rules) => faults.add(...rules),
    clearFaults: () => faults.clear(),
    expireSignedUrls: () => signed.expire(),
    clear: () => servers.forEach((one) => one.clear()),
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

function realmOf(
  auth: FakeAuthOptions | undefined,
  own: string,
  other: string,
): string {
  if (auth?.kind !== "bearer") return "";
  switch (auth.realm ?? "self") {
    case "self":
      return `${own}/token`;
    case "other":
      return `${other}/token`;
    default:
      return auth.realm ?? "";
  }
}
