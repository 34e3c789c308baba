import { NotFoundError } from "../../errors.ts";
import { createCredentialSource } from "../../registry/credential_sources.ts";
import { eraseCredential } from "../../registry/store_credential.ts";
import {
  chooseCredentialFile,
  parseRegistryArgument,
} from "../credential_file.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { credentialPlaces } from "../resolve_settings.ts";
import type { Session } from "../session.ts";

/** Forgets a registry's credentials. */
export async function runLogout(
  session: Session,
  flags: GlobalFlags,
  args: readonly string[],
): Promise<void> {
  const registry = parseRegistryArgument(args[0] ?? "");
  const { host, signal } = session;
  const place = chooseCredentialFile(host.environment);
  const erased = await eraseCredential(registry, { ...place, signal });
  const left = await findOrigin(session, registry);
  if (!erased) {
    throw new NotFoundError(
      "not-found",
      `Cannot log out of "${registry}": ${place.file} has no credentials for it`,
      left === undefined ? {} : { hint: `those in use are in ${left}` },
    );
  }
  if (flags.json) return session.printJson({ registry, file: place.file });
  session.note(`Logged out of ${registry}`);
  if (left !== undefined) {
    session.log(
      "warn",
      `there are still credentials for ${registry} in ${left}`,
    );
  }
}

/** Where a pull would still find credentials. */
async function findOrigin(
  session: Session,
  registry: string,
): Promise<string | undefined> {
  const { host, signal } = session;
  const source = createCredentialSource(credentialPlaces(host.environment));
  return (await source.find(registry, "", signal))?.origin;
}
