/** Every environment variable that dray looks at; `deno.json` allows these and no other. */
export const ENVIRONMENT_VARIABLES = [
  "APPDATA",
  "CI",
  "DOCKER_AUTH_CONFIG",
  "DOCKER_CONFIG",
  "DRAY_CONFIG",
  "DRAY_CONNECT_TIMEOUT",
  "DRAY_DEFAULT_REGISTRY",
  "DRAY_HEADER_TIMEOUT",
  "DRAY_HOME",
  "DRAY_HOSTS_DIR",
  "DRAY_IDLE_TIMEOUT",
  "DRAY_LIMIT_RATE",
  "DRAY_LOG_LEVEL",
  "DRAY_MAX_CONNECTIONS",
  "DRAY_PLATFORMS",
  "DRAY_PROGRESS",
  "DRAY_RETRIES",
  "HOME",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "LOCALAPPDATA",
  "NO_COLOR",
  "NO_PROXY",
  "REGISTRY_AUTH_FILE",
  "SSL_CERT_FILE",
  "TERM",
  "USERPROFILE",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_RUNTIME_DIR",
  "http_proxy",
  "https_proxy",
  "no_proxy",
] as const;

/** The variables that are set, and not to an empty text. */
export type Environment = Readonly<
  Partial<Record<typeof ENVIRONMENT_VARIABLES[number], string>>
>;

/**
 * Reads the known variables; an empty one counts as not set, and so does one that is no UTF-8,
 * but for dray's own, which then has U+FFFD that nothing takes.
 *
 * @param get For example `Deno.env.get`.
 */
export function readEnvironment(
  get: (name: string) => string | undefined,
): Environment {
  const entries = ENVIRONMENT_VARIABLES
    .map((name) => [name, tryGet(name, get)] as const)
    .filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(entries);
}

function tryGet(
  name: string,
  get: (name: string) => string | undefined,
): string | undefined {
  try {
    return get(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.InvalidData)) throw error;
    return name.startsWith("DRAY_") ? "\ufffd" : undefined;
  }
}
