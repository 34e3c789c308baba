import { parsePlatform, type Platform } from "../spec/platform.ts";
import { type ImageReference, parseReference } from "../spec/reference.ts";
import type { Session } from "./session.ts";

/**
 * A reference as the user means it, in the default registry of the environment.
 *
 * @throws UsageError reference-invalid
 */
export function parseReferenceArgument(
  session: Session,
  text: string,
): ImageReference {
  const defaultRegistry = session.host.environment.DRAY_DEFAULT_REGISTRY;
  return parseReference(text, { defaultRegistry });
}

/**
 * The platforms of `--platform`.
 *
 * @throws UsageError platform-invalid
 */
export function parsePlatformArguments(
  texts: readonly string[] = [],
): readonly Platform[] {
  return texts.map(parsePlatform);
}
