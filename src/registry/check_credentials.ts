import { discardBody } from "../http/discard_body.ts";
import type { HttpRequest, Transport } from "../http/http_request.ts";
import { Authenticator } from "./authenticator.ts";
import type { Credential } from "./credential.ts";
import { explicitSource } from "./credential_sources.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Subject, toRegistryError } from "./registry_error.ts";
import type { TokenCacheOptions } from "./token_cache.ts";

/** What a registry makes of a credential. */
export type CredentialCheck =
  /** It lets the account in. */
  | "accepted"
  /** It lets everybody in, so nothing is known about the account. */
  | "not-needed";

/** Settings of {@linkcode checkCredentials}. */
export interface CheckCredentialsOptions extends TokenCacheOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a registry's `/v2/` with a credential, as a login does.
 *
 * @param send Without authentication: it is added here, for this credential alone.
 * @throws AuthError when the registry refuses it
 */
export async function checkCredentials(
  send: Transport,
  endpoint: Endpoint,
  credential: Credential,
  options: CheckCredentialsOptions,
): Promise<CredentialCheck> {
  const { signal } = options;
  const request: HttpRequest = {
    url: endpoint.base,
    headers: endpoint.headers,
    ...(endpoint.tls === undefined ? {} : { tls: endpoint.tls }),
    ...(signal === undefined ? {} : { signal }),
  };
  const open = await send(request);
  await discardBody(open);
  if (open.ok) return "not-needed";
  const authenticator = new Authenticator({
    ...options,
    credentials: explicitSource(endpoint.name, credential),
  });
  const scope = { registry: endpoint.name, repository: "" };
  const response = await authenticator.wrap(send)({ ...request, scope });
  if (response.ok) {
    await discardBody(response);
    return "accepted";
  }
  const subject: Subject = {
    action: "log in to",
    what: endpoint.name,
    host: endpoint.base.host,
    registry: endpoint.name,
    credentialsFrom: credential.origin,
    isLogin: true,
  };
  throw await toRegistryError(response, subject, signal);
}
