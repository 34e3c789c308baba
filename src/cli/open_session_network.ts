import { type Network, openNetwork } from "../app.ts";
import type { LogEntry } from "../http/log.ts";
import {
  type CredentialFlags,
  findGivenCredential,
} from "./credential_flags.ts";
import { resolveNetworkSettings } from "./resolve_settings.ts";
import { describeRateLimit } from "./describe_rate_limit.ts";
import type { Session } from "./session.ts";

/**
 * The network as a session's options and environment want it, with its
 * diagnostics shown there.
 *
 * @param registries Those that the command line names, to which `--plain-http` and
 * `--insecure` apply.
 * @param given Credentials that go before all that are kept. Default: none.
 */
export async function openSessionNetwork(
  session: Session,
  registries: readonly string[],
  given: CredentialFlags = { passwordStdin: false },
): Promise<Network> {
  const { flags, host } = session;
  const settings = {
    ...resolveNetworkSettings(flags, host.environment, registries),
    givenCredential: await findGivenCredential(session, registries, given),
  };
  const log = (entry: LogEntry): void =>
    session.log("debug", describeExchange(entry));
  return await openNetwork(settings, {
    onNotice: (message): void => session.note(`dray: note: ${message}`),
    onWarning: (message): void => session.log("warn", message),
    onLog: session.logs("debug") ? log : undefined,
    onRateLimit: (limit, registry): void =>
      session.log(
        "debug",
        `rate limit of ${registry}: ${describeRateLimit(limit)}`,
      ),
    onLookup: ({ registry, repository, origin = "anonymous" }): void =>
      session.log(
        "debug",
        `credentials for ${registry}/${repository}: ${origin}`,
      ),
  });
}

function describeExchange(entry: LogEntry): string {
  const { method, url, status, error, durationMs } = entry;
  const outcome = status ?? error ?? "no answer";
  return `${method} ${url} ${outcome} in ${Math.round(durationMs)} ms`;
}
