/** What proves who we are to one registry. */
export type Credential =
  | {
    readonly kind: "basic";
    readonly username: string;
    readonly password: string;
    readonly origin: string;
  }
  | {
    /** An OAuth2 refresh token, exchanged for access tokens. */
    readonly kind: "identity-token";
    readonly token: string;
    /** For registries that know no OAuth2 and take the token as a password. */
    readonly username?: string;
    readonly origin: string;
  }
  | {
    /** A bearer token given by the user (`registrytoken`), sent as it is. */
    readonly kind: "bearer";
    readonly token: string;
    /** Where it was found, for people: `/home/me/.docker/config.json (auths "quay.io")`. */
    readonly origin: string;
  };

/** Where credentials come from. */
export interface CredentialSource {
  /**
   * The credential for one repository, or undefined: anonymous.
   *
   * @param registry Host with optional port, `docker.io` for Docker Hub.
   * @param repository Path in the registry; empty when only the registry is meant.
   */
  find(
    registry: string,
    repository: string,
    signal?: AbortSignal,
  ): Promise<Credential | undefined>;
}

/** Anonymous everywhere. */
export const NO_CREDENTIALS: CredentialSource = {
  find: () => Promise.resolve(undefined),
};
