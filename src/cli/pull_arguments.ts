import { UsageError } from "../errors.ts";
import { parsePlatform, type Platform } from "../spec/platform.ts";
import type { PullFlags } from "./commands/pull_command.ts";
import { parseReferenceArgument } from "./parse_argument.ts";
import type { Session } from "./session.ts";

/**
 * The platforms to pull.
 *
 * @throws UsageError where one is malformed, or two ways of choosing are used
 */
export function selectPlatforms(
  flags: Pick<PullFlags, "platform" | "allPlatforms">,
): { platforms?: Platform[]; allPlatforms: boolean } {
  const { platform, allPlatforms } = flags;
  if (platform === undefined || platform.length === 0) return { allPlatforms };
  if (allPlatforms) {
    throw new UsageError(
      "usage",
      "Cannot choose platforms: both --platform and --all-platforms are given",
    );
  }
  return { platforms: platform.map(parsePlatform), allPlatforms };
}

/**
 * The references of the arguments and of `--from-file`.
 *
 * @throws UsageError where there is none
 */
export async function gatherReferences(
  session: Session,
  { fromFile }: Pick<PullFlags, "fromFile">,
  args: readonly string[],
): Promise<readonly string[]> {
  const listed = fromFile === undefined
    ? []
    : await readListed(session, fromFile);
  const all = [...args, ...listed];
  if (all.length > 0) return all;
  throw new UsageError("usage", "Cannot pull: no reference is given", {
    hint: 'name an image, as in "dray pull alpine", or see "dray help pull"',
  });
}

async function readListed(
  { host, signal }: Session,
  file: string,
): Promise<readonly string[]> {
  const { readReferences }: typeof import("./read_references.ts") =
    await import("./read_references.ts" as string);
  return await readReferences(file, host.stdio, signal);
}

/** The registries that options such as `--plain-http` are about; malformed references name none. */
export function registriesOf(
  session: Session,
  texts: readonly string[],
): readonly string[] {
  const registries = new Set<string>();
  let firstProblem: unknown;
  for (const text of texts) {
    try {
      registries.add(parseReferenceArgument(session, text).registry);
    } catch (error) {
      firstProblem ??= error;
    }
  }
  // Nothing to do at all: say so before a store is made.
  if (registries.size === 0 && texts.length === 1) throw firstProblem;
  return [...registries];
}
