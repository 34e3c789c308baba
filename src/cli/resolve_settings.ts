import type { CredentialPlaces, NetworkSettings } from "../app.ts";
import { findConfigDir, findHomeDir } from "./default_dirs.ts";
import type { Environment } from "./environment.ts";
import type { GlobalFlags } from "./global_flags.ts";
import { VERSION } from "./version.ts";

/**
 * How the network is to be used: options first, then the environment, then defaults.
 *
 * @param registries Those that the command line names, to which `--plain-http` and
 * `--insecure` apply.
 */
export function resolveNetworkSettings(
  flags: GlobalFlags,
  environment: Environment,
  registries: readonly string[],
): NetworkSettings {
  const caFiles = [flags.caFile, environment.SSL_CERT_FILE];
  return {
    plainHttpRegistries: flags.plainHttp ? registries : [],
    insecureRegistries: flags.insecure ? registries : [],
    caFiles: caFiles.filter((file) => file !== undefined),
    proxy: proxySettings(environment),
    connectTimeoutMs: flags.connectTimeout,
    headerTimeoutMs: flags.headerTimeout,
    idleTimeoutMs: flags.idleTimeout,
    retries: flags.retries,
    userAgent: `dray/${VERSION}`,
    credentials: credentialPlaces(environment),
    hostsFolders: hostsFolders(flags, environment),
  };
}

/** Where credentials are looked up, and where a login keeps them. */
export function credentialPlaces(environment: Environment): CredentialPlaces {
  const { XDG_RUNTIME_DIR: runtime } = environment;
  const home = findHomeDir(environment);
  const docker = environment.DOCKER_CONFIG ?? (home && `${home}/.docker`);
  const config = environment.XDG_CONFIG_HOME ?? (home && `${home}/.config`);
  const containers = [runtime, config].filter((dir) => dir !== undefined);
  return {
    dockerAuthConfig: environment.DOCKER_AUTH_CONFIG,
    registryAuthFile: environment.REGISTRY_AUTH_FILE,
    containersAuthFiles: containers.map((dir) => `${dir}/containers/auth.json`),
    dockerConfigFile: docker && `${docker}/config.json`,
  };
}

function hostsFolders(
  flags: Pick<GlobalFlags, "configDir" | "hostsDir">,
  environment: Environment,
): readonly string[] {
  if (flags.hostsDir !== undefined) return [flags.hostsDir];
  const config = flags.configDir ?? findConfigDir(environment);
  return config === undefined ? [] : [`${config}/certs.d`];
}

function proxySettings(environment: Environment): NetworkSettings["proxy"] {
  // Where both cases are set the lower one wins, as in curl.
  const httpProxy = environment.http_proxy ?? environment.HTTP_PROXY;
  const httpsProxy = environment.https_proxy ?? environment.HTTPS_PROXY;
  const noProxy = environment.no_proxy ?? environment.NO_PROXY;
  return {
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}
