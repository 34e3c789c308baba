import { AuthError } from "../../errors.ts";
import { saveCredential } from "../../registry/store_credential.ts";
import { askCredentials } from "../ask_credentials.ts";
import {
  chooseCredentialFile,
  parseRegistryArgument,
} from "../credential_file.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import type { Session } from "../session.ts";
import type { LoginFlags } from "./login_command.ts";

/** Checks credentials with a registry and keeps them. */
export async function runLogin(
  session: Session,
  flags: LoginFlags & GlobalFlags,
  args: readonly string[],
): Promise<void> {
  const registry = parseRegistryArgument(args[0] ?? "");
  const place = chooseCredentialFile(session.host.environment);
  const { username, password } = await askCredentials(session, {
    username: flags.username,
    passwordStdin: flags.passwordStdin,
  });
  const origin = "dray login";
  const credential = { kind: "basic", username, password, origin } as const;
  const { signal } = session;
  using network = await openSessionNetwork(session, [registry]);
  const check = await network.client
    .checkCredentials(registry, credential, { signal })
    .catch((error: unknown) => {
      throw withoutLoginHint(error);
    });
  const { kind, where } = await saveCredential(registry, credential, {
    ...place,
    signal,
  });
  if (flags.json) {
    session.printJson({ registry, username, check, keptBy: kind, where });
    return;
  }
  if (check === "not-needed") {
    session.log(
      "warn",
      `${registry} lets everybody in, so the password is not checked`,
    );
  }
  session.note(`Logged in to ${registry} as ${username}; kept in ${where}`);
}

/** The usual advice of a refusal is the command that was just run. */
function withoutLoginHint(error: unknown): unknown {
  if (!(error instanceof AuthError) || !error.hint?.startsWith("dray login ")) {
    return error;
  }
  const { code, message, cause, details } = error;
  const hint = "check the user name and the password";
  return new AuthError(code, message, { cause, details, hint });
}
