import { AuthError, OperationError } from "../errors.ts";
import { readCapped } from "../http/body_reader.ts";
import { discardBody } from "../http/discard_body.ts";
import type {
  HttpRequest,
  HttpResponse,
  TlsOptions,
  Transport,
} from "../http/http_request.ts";
import { basicAuthorization } from "./basic_authorization.ts";
import type { Credential } from "./credential.ts";
import type { Protection } from "./protection.ts";
import { type Subject, toRegistryError } from "./registry_error.ts";
import { findToken, type Token } from "./token.ts";

/** What a token is asked for with. */
export interface TokenRequest {
  readonly protection: Extract<Protection, { readonly kind: "bearer" }>;
  /** The screened realm. */
  readonly realm: URL;
  /** Undefined: anonymous. */
  readonly credential:
    | Exclude<Credential, { readonly kind: "bearer" }>
    | undefined;
  /** For the message of a failure. */
  readonly subject: Subject;
  /** Of the registry, where the realm is on its host. */
  readonly tls: TlsOptions | undefined;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Longest silence in the answer, in ms. Default 30,000. */
  readonly idleTimeoutMs: number | undefined;
  /** Told of each wait before another attempt. */
  readonly onRetry: HttpRequest["onRetry"] | undefined;
}

const MAX_TOKEN_BYTES = 1024 * 1024;
const CLIENT_ID = "dray";
/** What services without OAuth2 answer to the POST: GCR 404, Artifactory 401, others 400 and 405. */
const NO_OAUTH2: ReadonlySet<number> = new Set([400, 401, 404, 405]);

/**
 * Asks a token service for an access token.
 *
 * @throws AuthError unauthorized, denied
 * @throws UnavailableError
 */
export async function requestToken(
  send: Transport,
  request: TokenRequest,
): Promise<Token> {
  const requestedAtMs = request.now();
  const response = await exchange(send, request);
  if (response.status !== 200) {
    throw toTokenError(
      response.status,
      await toRegistryError(response, request.subject, request.signal),
      request,
    );
  }
  const body = await readCapped(response, MAX_TOKEN_BYTES, {
    idleTimeoutMs: request.idleTimeoutMs,
    signal: request.signal,
  });
  const token = findToken(body, requestedAtMs);
  if (token !== undefined) return token;
  throw new OperationError(
    "protocol",
    `Cannot log in to "${request.subject.registry}": the answer of "${request.realm.host}" has no token in it`,
    { details: { host: request.realm.host } },
  );
}

async function exchange(
  send: Transport,
  request: TokenRequest,
): Promise<HttpResponse> {
  if (request.credential?.kind === "identity-token") {
    const response = await send(postRequest(request, request.credential.token));
    if (!NO_OAUTH2.has(response.status)) return response;
    await discardBody(response);
  }
  return await send(getRequest(request));
}

/** OAuth2: the identity token is a refresh token (distribution, "Token Authentication: OAuth2"). */
function postRequest(request: TokenRequest, refreshToken: string): HttpRequest {
  const { service, scope } = request.protection;
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    service: service ?? "",
    client_id: CLIENT_ID,
    scope,
    refresh_token: refreshToken,
  });
  return {
    ...common(request),
    url: request.realm,
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: form.toString(),
  };
}

function getRequest(request: TokenRequest): HttpRequest {
  const { protection: { service, scope }, credential } = request;
  const url = new URL(request.realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const one of scope.split(" ").filter((part) => part !== "")) {
    url.searchParams.append("scope", one);
  }
  if (credential?.kind === "basic") {
    url.searchParams.set("account", credential.username);
  }
  const authorization = basicAuthorization(credential);
  return {
    ...common(request),
    url,
    headers: {
      accept: "application/json",
      ...(authorization === undefined ? {} : { authorization }),
    },
  };
}

function common(
  request: TokenRequest,
): Pick<HttpRequest, "tls" | "signal" | "allowPlainHttp" | "onRetry"> {
  const { tls, signal, onRetry } = request;
  return {
    signal,
    allowPlainHttp: "never",
    ...(tls === undefined ? {} : { tls }),
    ...(onRetry === undefined ? {} : { onRetry }),
  };
}

/** A refusal of the token service is one of the account, whatever its status. */
function toTokenError(
  status: number,
  error: Error,
  request: TokenRequest,
): Error {
  if (
    status >= 500 || status === 429 || status === 408 ||
    error instanceof AuthError
  ) return error;
  const { host, registry } = request.subject;
  return new AuthError(
    "unauthorized",
    `Cannot log in to "${registry}": its token service "${host}" answers with HTTP status ${status}`,
    { cause: error, details: { status, host }, hint: `dray login ${registry}` },
  );
}
