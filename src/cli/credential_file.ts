import { UsageError } from "../errors.ts";
import { parseRegistry } from "../spec/registry_name.ts";
import type { CredentialStoreOptions } from "../registry/store_credential.ts";
import type { Environment } from "./environment.ts";
import { credentialPlaces } from "./resolve_settings.ts";

/**
 * Where a login keeps credentials: the file of `REGISTRY_AUTH_FILE`, else docker's.
 *
 * @throws UsageError usage, where no folder is known.
 */
export function chooseCredentialFile(
  environment: Environment,
): Pick<CredentialStoreOptions, "file" | "format"> {
  const places = credentialPlaces(environment);
  if (places.registryAuthFile !== undefined) {
    return { file: places.registryAuthFile, format: "containers" };
  }
  if (places.dockerConfigFile !== undefined) {
    return { file: places.dockerConfigFile, format: "docker" };
  }
  throw new UsageError(
    "usage",
    "Cannot place credentials: no home folder is known, HOME is not set",
    {
      hint:
        "name a folder with DOCKER_CONFIG, or a file with REGISTRY_AUTH_FILE",
    },
  );
}

/**
 * A registry as people type it, also as the URL that docker's documentation names.
 *
 * @throws UsageError reference-invalid
 */
export function parseRegistryArgument(text: string): string {
  return parseRegistry(
    text.replace(/^https?:\/\/([^/]+)\/?(?:v[12]\/?)?$/, "$1"),
  );
}
