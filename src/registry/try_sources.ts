import { AuthError, DrayError, UnavailableError } from "../errors.ts";
import type { Capability, Endpoint } from "./endpoint.ts";
import type { RegistryContext } from "./registry_context.ts";
import type { Repository } from "./repository_name.ts";

/** Which of a registry's sources may be asked. */
export interface SourceChoice {
  readonly needs: Capability;
  /** Hosts to pass over as long as there is another. */
  readonly avoid?: ReadonlySet<string> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One source's turn to be asked. */
export interface Turn {
  readonly endpoint: Endpoint;
  /** Whether another source follows when this one fails: it is then not waited for. */
  readonly hasNext: boolean;
  /** Whether the registry has no other source at all. */
  readonly isOnly: boolean;
}

/**
 * Tries a registry's sources in order until one gives what is wanted: mirrors
 * first, the registry itself last. What the last one throws is what is thrown.
 */
export async function trySources<T>(
  context: RegistryContext,
  repository: Repository,
  choice: SourceChoice,
  attempt: (turn: Turn) => Promise<T>,
): Promise<T> {
  const all = await context.endpointsOf(repository.registry);
  const sources = chooseSources(
    all,
    choice,
    (host) => context.health.isDead(host),
  );
  for (const [index, endpoint] of sources.entries()) {
    const hasNext = index + 1 < sources.length;
    try {
      const result = await attempt({
        endpoint,
        hasNext,
        isOnly: all.length === 1,
      });
      context.health.markAlive(endpoint.base.host);
      return result;
    } catch (error) {
      if (!hasNext || !(error instanceof DrayError)) throw error;
      choice.signal?.throwIfAborted();
      noteFailure(context, endpoint, error);
    }
  }
  throw new RangeError(`No endpoint is known for "${repository.registry}"`);
}

/**
 * The sources to ask, in order: able, not avoided, alive. Where a condition
 * leaves none, it is dropped: asking a dead host is better than asking nobody.
 *
 * @param isDead Called only for mirrors; one that may be tried again says so once.
 */
export function chooseSources(
  all: readonly Endpoint[],
  choice: SourceChoice,
  isDead: (host: string) => boolean,
): readonly Endpoint[] {
  const able = all.filter(({ isMirror, capabilities }) =>
    !isMirror || capabilities.has(choice.needs)
  );
  const wanted = able.filter(({ base }) =>
    choice.avoid?.has(base.host) !== true
  );
  const candidates = wanted.length > 0 ? wanted : able;
  const alive = candidates.filter(({ isMirror, base }) =>
    !isMirror || !isDead(base.host)
  );
  return alive.length > 0 ? alive : candidates;
}

function noteFailure(
  context: RegistryContext,
  endpoint: Endpoint,
  error: DrayError,
): void {
  const { host } = endpoint.base;
  if (!endpoint.isMirror) return;
  // One that refuses would refuse each blob, and be asked and warned of for each.
  const isRefusal = error instanceof AuthError;
  const isKnown = isRefusal && context.health.isMarked(host);
  if (isRefusal || error instanceof UnavailableError) {
    context.health.markDead(host);
  } else context.health.markAlive(host);
  // A mirror need not have everything.
  if (error.code === "not-found" || isKnown) return;
  context.warn(`Mirror "${host}" is passed over: ${error.message}`);
}
