import { UsageError } from "../errors.ts";
import type { Credential } from "../registry/credential.ts";
import type { Session } from "./session.ts";

/** Credentials for one run, before all that are kept. */
export interface CredentialFlags {
  readonly username?: string;
  readonly passwordStdin: boolean;
}

/** The options of {@linkcode CredentialFlags}. */
export const CREDENTIAL_FLAGS = {
  username: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "USER",
    brief: "User name; the password is asked for on a terminal",
  },
  passwordStdin: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Read the password, or a token, from stdin",
  },
} as const;

/** Letters of {@linkcode CREDENTIAL_FLAGS}. */
export const CREDENTIAL_ALIASES = { u: "username" } as const;

/** A credential and the one registry that it is for. */
export interface GivenCredential {
  readonly registry: string;
  readonly credential: Credential;
}

/**
 * The credential that the options give, if they do.
 *
 * @throws UsageError where it is not clear which registry it is for.
 */
export async function findGivenCredential(
  session: Session,
  registries: readonly string[],
  { username, passwordStdin }: CredentialFlags,
): Promise<GivenCredential | undefined> {
  if (username === undefined && !passwordStdin) return undefined;
  const [registry, ...others] = new Set(registries);
  if (registry === undefined || others.length > 0) {
    throw new UsageError(
      "usage",
      "Cannot log in with --username: the references name several registries",
      { hint: "keep credentials for each with: dray login REGISTRY" },
    );
  }
  const { askCredentials }: typeof import("./ask_credentials.ts") =
    await import("./ask_credentials.ts" as string);
  const answer = await askCredentials(session, { username, passwordStdin });
  return {
    registry,
    credential: { kind: "basic", ...answer, origin: "--username" },
  };
}
