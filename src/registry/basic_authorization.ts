import type { Credential } from "./credential.ts";

/** The Basic form of a credential, where it has one; an identity token stands for a password. */
export function basicAuthorization(
  credential: Credential | undefined,
): string | undefined {
  if (credential === undefined || credential.kind === "bearer") {
    return undefined;
  }
  const [user, secret] = credential.kind === "basic"
    ? [credential.username, credential.password]
    : [credential.username ?? "", credential.token];
  return `Basic ${new TextEncoder().encode(`${user}:${secret}`).toBase64()}`;
}
