import {
  type Network,
  type NetworkListeners,
  type NetworkSettings,
  openNetwork,
} from "../app.ts";
import type { LogEntry } from "../http/log.ts";
import {
  type CredentialFlags,
  findGivenCredential,
} from "./credential_flags.ts";
import { resolveNetworkSettings } from "./resolve_settings.ts";
import { describeRateLimit } from "./describe_rate_limit.ts";
import type { Session } from "./session.ts";

/** What a command wants of its network besides what all commands do. */
export interface SessionNetworkOptions
  extends Pick<NetworkListeners, "onLog" | "onLookup" | "onRateLimit"> {
  /** Settings that it has otherwise than the options say. */
  readonly adjust?: Partial<NetworkSettings>;
}

/**
 * The network as a session's options and environment want it, with its
 * diagnostics shown there.
 *
 * @param registries Those that the command line names, to which `--plain-http` and
 * `--insecure` apply.
 * @param given Credentials that go before all that are kept. Default: none.
 * @param watch What a command wants besides what all do. Default: nothing.
 */
export async function openSessionNetwork(
  session: Session,
  registries: readonly string[],
  given: CredentialFlags = { passwordStdin: false },
  watch: SessionNetworkOptions = {},
): Promise<Network & { readonly settings: NetworkSettings }> {
  const { flags, host } = session;
  const settings = {
    ...resolveNetworkSettings(flags, host.environment, registries),
    ...watch.adjust,
    givenCredential: await findGivenCredential(session, registries, given),
  };
  const wantsLog = session.logs("debug") || watch.onLog !== undefined;
  const onLog = (entry: LogEntry): void => {
    if (session.logs("debug")) logExchange(session, entry);
    watch.onLog?.(entry);
  };
  const network = await openNetwork(settings, {
    onNotice: (message): void => session.note(`dray: note: ${message}`),
    onWarning: (message): void => session.log("warn", message),
    onLog: wantsLog ? onLog : undefined,
    onRateLimit: (limit, registry): void => {
      const left = describeRateLimit(limit);
      session.log("debug", `rate limit of ${registry}: ${left}`);
      watch.onRateLimit?.(limit, registry);
    },
    onLookup: (lookup): void => {
      const { registry, repository, origin = "anonymous" } = lookup;
      const where = `${registry}/${repository}`;
      session.log("debug", `credentials for ${where}: ${origin}`);
      watch.onLookup?.(lookup);
    },
  });
  return { ...network, settings };
}

/** Secrets are gone from it already. */
function logExchange(session: Session, entry: LogEntry): void {
  const { method, url, status, error, durationMs } = entry;
  const outcome = status ?? error ?? "no answer";
  const duration = `${Math.round(durationMs)} ms`;
  session.log("debug", `${method} ${url} ${outcome} in ${duration}`);
  for (const [name, value] of Object.entries(entry.requestHeaders)) {
    session.log("debug", `> ${name}: ${value}`);
  }
  for (const [name, value] of Object.entries(entry.responseHeaders)) {
    session.log("debug", `< ${name}: ${value}`);
  }
}
