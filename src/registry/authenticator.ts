import { discardBody } from "../http/discard_body.ts";
import type {
  HttpRequest,
  HttpResponse,
  Transport,
} from "../http/http_request.ts";
import {
  authorize,
  isOwnAnswer,
  isRefusal,
  type Known,
  type Pass,
  readChallenge,
} from "./auth_exchange.ts";
import { basicAuthorization } from "./basic_authorization.ts";
import { BoundedMap } from "./bounded_map.ts";
import type { Credential, CredentialSource } from "./credential.ts";
import { TokenCache, type TokenCacheOptions } from "./token_cache.ts";
import { SingleFlight } from "./single_flight.ts";

/** Settings of {@linkcode Authenticator}. */
export interface AuthenticatorOptions extends TokenCacheOptions {
  readonly credentials: CredentialSource;
}

/**
 * Adds credentials to requests that have a scope, as the registry asks for them:
 * the first request of a repository goes without, its challenge says how, and
 * from then on requests carry what it wants.
 */
export class Authenticator {
  readonly #credentials: CredentialSource;
  readonly #tokens: TokenCache;
  /** What each origin wants for each repository. */
  readonly #protections = new BoundedMap<Known>(10_000);
  /** Looked up once: a helper is a program to start, and its answer must not change in a pull. */
  readonly #found = new BoundedMap<
    { readonly credential: Credential | undefined }
  >(10_000);
  readonly #lookups = new SingleFlight<Credential | undefined>();

  constructor(options: AuthenticatorOptions) {
    this.#credentials = options.credentials;
    this.#tokens = new TokenCache(options);
  }

  /** A transport that authenticates, over one that doesn't. */
  wrap(next: Transport): Transport {
    return (request) => this.#send(next, request);
  }

  /** Where the credential for a repository came from; undefined for anonymous, or before a challenge. */
  credentialOrigin(registry: string, repository: string): string | undefined {
    return this.#found.get(`${registry}/${repository}`)?.credential?.origin;
  }

  async #send(next: Transport, request: HttpRequest): Promise<HttpResponse> {
    if (request.scope === undefined) return await next(request);
    const key = `${request.url.origin}/${request.scope.repository}`;
    const known = this.#protections.get(key);
    const pass = known && await this.#pass(next, request, known);
    const response = await next(authorize(request, pass));
    if (!isRefusal(response.status, pass) || !isOwnAnswer(response, request)) {
      return response;
    }
    const asked = readChallenge(response, request) ?? known;
    if (asked === undefined) return response;
    const second = await this.#orEnd(
      response,
      () => this.#pass(next, request, asked, pass),
    );
    if (second === undefined || second.authorization === pass?.authorization) {
      return response;
    }
    await discardBody(response);
    this.#protections.set(key, asked);
    return await next(authorize(request, second));
  }

  async #orEnd<T>(response: HttpResponse, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await discardBody(response);
      throw error;
    }
  }

  /** @param rejected What was sent and refused: a token is replaced by a new one. */
  async #pass(
    next: Transport,
    request: HttpRequest,
    { protection, from }: Known,
    rejected?: Pass,
  ): Promise<Pass | undefined> {
    const credential = await this.#credential(request);
    if (credential?.kind === "bearer") {
      return { authorization: `Bearer ${credential.token}`, renewable: false };
    }
    if (protection.kind === "basic") {
      const authorization = credential?.kind === "basic"
        ? basicAuthorization(credential)
        : undefined;
      return authorization === undefined
        ? undefined
        : { authorization, renewable: false };
    }
    const token = await this.#tokens.get(next, {
      request,
      from,
      protection,
      credential,
      rejected: rejected?.authorization,
    });
    return { authorization: `Bearer ${token}`, renewable: true };
  }

  async #credential(request: HttpRequest): Promise<Credential | undefined> {
    const { registry, repository } = request.scope ??
      { registry: "", repository: "" };
    const key = `${registry}/${repository}`;
    const found = this.#found.get(key);
    if (found !== undefined) return found.credential;
    return await this.#lookups.run(key, async (signal) => {
      const credential = await this.#credentials.find(
        registry,
        repository,
        signal,
      );
      this.#found.set(key, { credential });
      return credential;
    }, request.signal);
  }
}
