import type { RecordedRequest } from "./raw_request.ts";
import { type RawResponse, rawResponse } from "./raw_response.ts";

/** How a fake registry lets clients in. */
export type FakeAuthOptions =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly users: Readonly<Record<string, string>> }
  | BearerOptions;

/** Tokens, as the distribution project's token specification has them. */
export interface BearerOptions {
  readonly kind: "bearer";
  /** Where tokens are had: on the registry, on a server of its own, or at any URL. Default: self. */
  readonly realm?: "self" | "other" | (string & Record<never, never>);
  /** Default: `fake-service`. */
  readonly service?: string;
  /** User → password. Default: none. */
  readonly users?: Readonly<Record<string, string>>;
  /** Whether there are tokens without credentials. Default: true where there are no users. */
  readonly anonymous?: boolean;
  /** The field that carries it. Default: token. */
  readonly tokenField?: "token" | "access_token" | "both";
  /** `expires_in` of the answer, seconds; left out by default. */
  readonly expiresIn?: number;
  /** Requests a token is good for. Default: any number; see also `expireTokens()`. */
  readonly uses?: number;
  /** What an expired token is answered with. Default: 401. */
  readonly expiredStatus?: 400 | 401 | 403;
  /** Identity (refresh) token that OAuth2 POST accepts. */
  readonly identityToken?: string;
  /** Whether POST to the realm is known. Default: true; false answers 404 (an old token server). */
  readonly oauth2?: boolean;
  /** Replaces the whole `WWW-Authenticate` value. */
  readonly challenge?: string | ((repository: string) => string);
}

/** Checks requests and hands out tokens. */
export class FakeAuth {
  readonly #options: FakeAuthOptions;
  readonly #tokens = new Map<
    string,
    { readonly scopes: string[]; usesLeft: number }
  >();
  #issued = 0;

  constructor(options: FakeAuthOptions = { kind: "none" }) {
    this.#options = options;
  }

  /** Tokens handed out so far. */
  get issued(): number {
    return this.#issued;
  }

  /** Makes every token that was handed out so far worthless. */
  expireTokens(): void {
    for (const token of this.#tokens.values()) token.usesLeft = 0;
  }

  /** The refusal of a request, or undefined when it may pass. */
  refuse(
    request: RecordedRequest,
    repository: string,
    realm: string,
  ): RawResponse | undefined {
    const options = this.#options;
    const given = request.headers.get("authorization") ?? "";
    if (options.kind === "none") return undefined;
    if (options.kind === "basic") {
      if (isKnown(given, options.users)) return undefined;
      return unauthorized(`Basic realm="fake"`);
    }
    const token = this.#tokens.get(given.replace(/^Bearer /i, ""));
    if (token === undefined || !covers(token.scopes, repository)) {
      return unauthorized(challenge(options, repository, realm));
    }
    if (token.usesLeft <= 0) {
      const status = options.expiredStatus ?? 401;
      if (status === 401) {
        return unauthorized(challenge(options, repository, realm));
      }
      return errorDocument(
        status,
        "DENIED",
        "Your authorization token has expired",
      );
    }
    token.usesLeft--;
    return undefined;
  }

  /** Answers at the realm: GET, or OAuth2 POST. */
  grant(request: RecordedRequest): RawResponse {
    const options = this.#options;
    if (options.kind !== "bearer") {
      return errorDocument(404, "UNSUPPORTED", "no tokens here");
    }
    if (request.method === "POST") return this.#grantByPost(request, options);
    const given = request.headers.get("authorization");
    const anonymous = options.anonymous ?? options.users === undefined;
    const known = given === null
      ? anonymous
      : isKnown(given, options.users ?? {});
    if (!known) {
      return errorDocument(
        401,
        "UNAUTHORIZED",
        "incorrect username or password",
      );
    }
    return this.#issue(request.query.getAll("scope"), options);
  }

  #grantByPost(request: RecordedRequest, options: BearerOptions): RawResponse {
    if (options.oauth2 === false) {
      return errorDocument(404, "UNSUPPORTED", "no POST here");
    }
    const form = new URLSearchParams(request.body);
    const known = form.get("grant_type") === "refresh_token"
      ? options.identityToken !== undefined &&
        form.get("refresh_token") === options.identityToken
      : options.users?.[form.get("username") ?? ""] ===
        (form.get("password") ?? undefined);
    if (!known) {
      return rawResponse(401, {}, JSON.stringify({ error: "invalid_grant" }));
    }
    return this.#issue(form.getAll("scope"), options, {
      refresh_token: "refresh-1",
    });
  }

  #issue(
    scopes: readonly string[],
    options: BearerOptions,
    more: object = {},
  ): RawResponse {
    const token = `fake-token-${++this.#issued}`;
    const split = scopes.flatMap((scope) => scope.split(" "));
    this.#tokens.set(token, {
      scopes: split,
      usesLeft: options.uses ?? Infinity,
    });
    const field = options.tokenField ?? "token";
    const body = {
      ...field === "both" ? { token, access_token: token } : { [field]: token },
      ...options.expiresIn === undefined
        ? {}
        : { expires_in: options.expiresIn },
      ...more,
    };
    return rawResponse(
      200,
      { "Content-Type": "application/json" },
      JSON.stringify(body),
    );
  }
}

/** An OCI error document (distribution specification, error codes). */
export function errorDocument(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): RawResponse {
  return rawResponse(
    status,
    { "Content-Type": "application/json", ...headers },
    JSON.stringify({ errors: [{ code, message }] }),
  );
}

function unauthorized(challenge: string): RawResponse {
  return errorDocument(401, "UNAUTHORIZED", "authentication required", {
    "WWW-Authenticate": challenge,
  });
}

function challenge(
  options: BearerOptions,
  repository: string,
  realm: string,
): string {
  if (typeof options.challenge === "string") return options.challenge;
  if (options.challenge !== undefined) return options.challenge(repository);
  const scope = repository === ""
    ? ""
    : `,scope="repository:${repository}:pull"`;
  return `Bearer realm="${realm}",service="${
    options.service ?? "fake-service"
  }"${scope}`;
}

function isKnown(
  authorization: string,
  users: Readonly<Record<string, string>>,
): boolean {
  const encoded = /^Basic (.+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return false;
  const [user = "", password] = atob(encoded).split(/:(.*)/s);
  return password !== undefined && users[user] === password;
}

/** `/v2/` itself needs any token; a repository one with its scope. */
function covers(scopes: readonly string[], repository: string): boolean {
  if (repository === "") return true;
  return scopes.some((scope) => {
    const [type, name, actions = ""] = scope.split(":");
    return type === "repository" && name === repository &&
      /(^|,)(pull|\*)(,|$)/.test(actions);
  });
}
