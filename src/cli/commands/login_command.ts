import {
  CREDENTIAL_ALIASES,
  CREDENTIAL_FLAGS,
  type CredentialFlags,
} from "../credential_flags.ts";
import { type CliCommand, defineCommand } from "../define_command.ts";

/** Options of `dray login`. */
export type LoginFlags = CredentialFlags;

/** `dray login REGISTRY` */
export const loginCommand: CliCommand = defineCommand<LoginFlags>({
  name: "login",
  docs: {
    brief: "Keep credentials for a registry",
    description: "Asks the registry whether it takes the credentials, and " +
      "keeps them where docker does: with the credential helper that its " +
      "config.json names, else in that file. Where REGISTRY_AUTH_FILE is set " +
      "they go there.\n\n" +
      "A pull takes the first credentials that it finds:\n" +
      "1. its own -u USER, with --password-stdin or asked for\n" +
      "2. DOCKER_AUTH_CONFIG: JSON as in docker's config.json\n" +
      "3. the file that REGISTRY_AUTH_FILE names\n" +
      "4. containers/auth.json, in XDG_RUNTIME_DIR and in ~/.config\n" +
      "5. docker's config.json, in DOCKER_CONFIG or ~/.docker\n\n" +
      "In each, the longest path counts (quay.io/org/app, quay.io/org, " +
      "quay.io), and a credential helper before what is written there. A " +
      "helper that fails is a warning, and the next place is asked, access " +
      "being anonymous after the last. --log-level debug says what was found.",
    examples: [
      { command: "dray login ghcr.io", does: "asks for user and password" },
      {
        command: "dray login -u ci --password-stdin registry.example.com",
        does: "for a script: echo $TOKEN | dray login …",
      },
    ],
    exitCodes: "4 access refused, 5 registry out of reach, " +
      "7 local disk or credential helper, 130 interrupted",
    network: true,
  },
  flags: CREDENTIAL_FLAGS,
  aliases: CREDENTIAL_ALIASES,
  args: { placeholder: "REGISTRY", brief: "A registry", min: 1, max: 1 },
  load: async () => {
    const { runLogin }: typeof import("./run_login.ts") = await import(
      "./run_login.ts" as string
    );
    return runLogin;
  },
});
