import type { HttpRequest, Transport } from "../http/http_request.ts";
import { BoundedMap } from "./bounded_map.ts";
import type { Credential } from "./credential.ts";
import type { Protection } from "./protection.ts";
import { parseRealm, type RealmOptions } from "./realm.ts";
import { SingleFlight } from "./single_flight.ts";
import type { Token } from "./token.ts";
import { requestToken } from "./token_request.ts";

/** Which token is wanted, and for whom. */
export interface TokenQuery {
  /** The request that needs it. */
  readonly request: HttpRequest;
  /** Where the challenge came from, as it was reached. */
  readonly from: URL;
  readonly protection: Extract<Protection, { readonly kind: "bearer" }>;
  readonly credential:
    | Exclude<Credential, { readonly kind: "bearer" }>
    | undefined;
  /** An `Authorization` that was refused: its token is not given again. */
  readonly rejected: string | undefined;
}

/** Settings of {@linkcode TokenCache}. */
export interface TokenCacheOptions extends RealmOptions {
  /** Wall clock in ms. */
  readonly now: () => number;
  /** Longest silence in the answer of a token service, in ms. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined;
}

/** Keeps access tokens until shortly before they expire; one fetch serves all who wait for it. */
export class TokenCache {
  readonly #options: TokenCacheOptions;
  readonly #tokens = new BoundedMap<Token>(10_000);
  readonly #fetches = new SingleFlight<Token>();
  readonly #credentialIds = new WeakMap<Credential, number>();
  #lastId = 0;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  /** @throws AuthError when the token service refuses, or is none that we would ask */
  async get(send: Transport, query: TokenQuery): Promise<string> {
    const key = this.#keyOf(query);
    const cached = this.#tokens.get(key);
    const usable = cached !== undefined &&
      cached.expiresAtMs > this.#options.now() &&
      `Bearer ${cached.value}` !== query.rejected;
    if (usable) return cached.value;
    const token = await this.#fetches.run(
      key,
      (signal) => this.#fetch(send, query, key, signal),
      query.request.signal,
    );
    return token.value;
  }

  async #fetch(
    send: Transport,
    query: TokenQuery,
    key: string,
    signal: AbortSignal,
  ): Promise<Token> {
    const { request, from, protection, credential } = query;
    const realm = parseRealm(protection.realm, from, this.#options);
    const registry = request.scope?.registry ?? from.host;
    const token = await requestToken(send, {
      protection,
      realm,
      credential,
      subject: {
        action: "log in to",
        what: registry,
        host: realm.host,
        registry,
        credentialsFrom: credential?.origin,
        isLogin: true,
      },
      tls: realm.host === from.host ? request.tls : undefined,
      now: this.#options.now,
      idleTimeoutMs: this.#options.idleTimeoutMs,
      signal,
      onRetry: request.onRetry,
    });
    this.#tokens.set(key, token);
    return token;
  }

  /**
   * The registry and the account are part of the key: else a registry that names
   * another's realm, service and scope would be sent the token of that other.
   */
  #keyOf({ from, protection, credential }: TokenQuery): string {
    const account = credential === undefined ? 0 : this.#idOf(credential);
    const { realm, service, scope } = protection;
    return JSON.stringify([from.host, realm, service, scope, account]);
  }

  #idOf(credential: Credential): number {
    const known = this.#credentialIds.get(credential);
    if (known !== undefined) return known;
    this.#credentialIds.set(credential, ++this.#lastId);
    return this.#lastId;
  }
}
