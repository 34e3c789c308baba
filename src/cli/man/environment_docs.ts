import { ENVIRONMENT_VARIABLES } from "../environment.ts";
import { SETTINGS } from "../settings/setting_table.ts";

type Variable = typeof ENVIRONMENT_VARIABLES[number];

const MEANINGS: Readonly<Partial<Record<Variable, string>>> = {
  CI: "Progress is lines, not bars.",
  DOCKER_AUTH_CONFIG: "Credentials: JSON as in docker's config.json.",
  DOCKER_CONFIG: "Folder of docker's config.json. Default: ~/.docker.",
  DRAY_CONFIG: "Folder of the configuration. Default: ~/.config/dray.",
  DRAY_DEFAULT_REGISTRY:
    "Registry of a reference that names none. Default: docker.io.",
  DRAY_HOME: "The local store. Default: ~/.local/share/dray.",
  DRAY_PLATFORMS: "Platforms that a pull is for, with commas between.",
  NO_COLOR: "Nothing is painted.",
  REGISTRY_AUTH_FILE: "Credentials: a file as containers' auth.json.",
  SSL_CERT_FILE: "Trust roots besides the built-in ones: a PEM file.",
  TERM: "Progress is lines, not bars, where it is dumb.",
};
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/** What each variable means; those that only tell where folders are, in one entry. */
export function environmentDocs(): readonly (readonly [string, string])[] {
  const named = ENVIRONMENT_VARIABLES.flatMap((name) => {
    const meaning = MEANINGS[name] ?? settingMeaning(name);
    return meaning === undefined ? [] : [[name, meaning] as const];
  });
  const others = ENVIRONMENT_VARIABLES.filter((name) =>
    !PROXIES.includes(name.toUpperCase()) &&
    !named.some(([other]) => other === name)
  );
  return [
    ...named,
    [
      PROXIES.join(", "),
      "Proxies, as everywhere; in lower case too, which goes first.",
    ],
    [others.join(", "), "Where the system keeps a user's folders."],
  ];
}

function settingMeaning(variable: Variable): string | undefined {
  const setting = SETTINGS.find((one) => one.variable === variable);
  return setting && `Default of --${setting.name}.`;
}
