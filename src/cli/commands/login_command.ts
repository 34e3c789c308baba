import { type CliCommand, defineCommand } from "../define_command.ts";

/** Options of `dray login`. */
export interface LoginFlags {
  readonly username?: string;
  readonly passwordStdin: boolean;
}

/** `dray login REGISTRY` */
export const loginCommand: CliCommand = defineCommand<LoginFlags>({
  name: "login",
  docs: {
    brief: "Keep credentials for a registry",
    description: "Asks the registry whether it takes the credentials, and " +
      "keeps them where docker does: with the credential helper that its " +
      "config.json names, else in that file. Where REGISTRY_AUTH_FILE is set " +
      "they go there. A pull looks for credentials in this order: " +
      "DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE, containers' auth.json, " +
      "docker's config.json; --log-level debug says what it found.",
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
  flags: {
    username: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "USER",
      brief: "User name; asked for on a terminal",
    },
    passwordStdin: {
      kind: "boolean",
      default: false,
      withNegated: false,
      brief: "Read the password, or a token, from stdin",
    },
  },
  aliases: { u: "username" },
  args: { placeholder: "REGISTRY", brief: "A registry", min: 1, max: 1 },
  load: async () => (await import("./run_login.ts")).runLogin,
});
