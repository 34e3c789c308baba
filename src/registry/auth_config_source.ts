import type { AuthConfig } from "./auth_config.ts";
import { matchKeys } from "./auth_key.ts";
import type { Credential, CredentialSource } from "./credential.ts";
import {
  askHelper,
  type HelperAnswer,
  type HelperOptions,
  type HelperQuery,
} from "./credential_helper.ts";
import { runHelperProgram } from "./run_helper.ts";
import { SingleFlight } from "./single_flight.ts";

/** Settings of {@linkcode authConfigSource}. */
export interface AuthConfigSourceOptions extends HelperOptions {
  /** Told of a helper that is missing, hangs or talks rubbish; access is then anonymous. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Credentials from a credentials file: the helper named for the registry, else
 * the helper for all, else the file itself. A helper that fails is a warning.
 */
export function authConfigSource(
  config: AuthConfig,
  options: AuthConfigSourceOptions = {},
): CredentialSource {
  const ask = rememberAnswers(options);
  return {
    async find(registry, repository, signal) {
      for (
        const { helper, where } of helpersFor(config, registry, repository)
      ) {
        const answer = await ask({ helper, registry, where }, signal);
        if (answer.kind === "found") return answer.credential;
      }
      return findInFile(config, registry, repository);
    },
  };
}

type Ask = (query: HelperQuery, signal?: AbortSignal) => Promise<HelperAnswer>;

/** Starts each helper once for each registry, however many repositories are asked for, and warns once. */
function rememberAnswers(options: AuthConfigSourceOptions): Ask {
  const answers = new Map<string, HelperAnswer>();
  const flights = new SingleFlight<HelperAnswer>();
  const run = options.runHelper ?? runHelperProgram;
  return async (query, signal) => {
    const key = `${query.helper} ${query.registry}`;
    return answers.get(key) ?? await flights.run(key, async (shared) => {
      const answer = await askHelper(run, query, options, shared);
      answers.set(key, answer);
      if (answer.kind === "failed") {
        options.onWarning?.(warningOf(query, answer.reason));
      }
      return answer;
    }, signal);
  };
}

interface NamedHelper {
  readonly helper: string;
  readonly where: string;
}

/** The helper named for a registry or a part of it, else the one for all. */
export function helpersFor(
  config: AuthConfig,
  registry: string,
  repository: string,
): readonly NamedHelper[] {
  const [key] = matchKeys(config.credHelpers.keys(), registry, repository);
  const own = key === undefined ? undefined : config.credHelpers.get(key);
  if (own !== undefined) {
    return [{ helper: own, where: `${config.where} (credHelpers."${key}")` }];
  }
  const { credsStore, where } = config;
  return credsStore === undefined
    ? []
    : [{ helper: credsStore, where: `${where} (credsStore)` }];
}

function findInFile(
  config: AuthConfig,
  registry: string,
  repository: string,
): Credential | undefined {
  for (const key of matchKeys(config.auths.keys(), registry, repository)) {
    const credential = config.auths.get(key);
    if (credential !== undefined) return credential;
  }
  return undefined;
}

function warningOf({ helper, where }: HelperQuery, reason: string): string {
  return `Credential helper "docker-credential-${helper}" ${reason}; ` +
    `it is named by ${where}; going on without it`;
}
