import { UsageError } from "../../errors.ts";
import { pull } from "../../pull/pull.ts";
import type { PullResult } from "../../pull/pull_result.ts";
import { DEFAULT_RETRY_BUDGET } from "../../pull/retry_budget.ts";
import { TransferEngine } from "../../pull/transfer_engine.ts";
import { parsePlatform } from "../../spec/platform.ts";
import { formatReference, type ImageReference } from "../../spec/reference.ts";
import { Store } from "../../store/store.ts";
import {
  describeDryRun,
  describePulled,
  pulledName,
} from "../describe_pulled.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import { openStoreToRead } from "../open_store.ts";
import { parseReferenceArgument } from "../parse_argument.ts";
import { readReferences } from "../read_references.ts";
import { retainContent } from "../retain_content.ts";
import { runBatch } from "../run_batch.ts";
import type { Session } from "../session.ts";
import type { PullFlags } from "./pull_command.ts";

type Flags = PullFlags & GlobalFlags;

/** Pulls images and prints the digest of each. */
export async function runPull(
  session: Session,
  flags: Flags,
  args: readonly string[],
): Promise<number> {
  if (flags.passwordStdin && flags.fromFile === "-") {
    throw new UsageError(
      "usage",
      "Cannot read both the references and the password from stdin",
    );
  }
  const selection = selectPlatforms(flags);
  const texts = await gatherReferences(session, flags, args);
  using network = await openSessionNetwork(
    session,
    registriesOf(session, texts),
    flags,
  );
  await using store =
    await (flags.dryRun
      ? openStoreToRead(session)
      : Store.open(session.storeDir, { sync: !flags.noSync }));
  using engine = new TransferEngine({
    client: network.client,
    store,
    maxConnections: flags.maxConnections,
    idleTimeoutMs: flags.idleTimeout,
    retry: { ...DEFAULT_RETRY_BUDGET, maxRetries: flags.retries },
    ...(flags.limitRate === undefined ? {} : { limitRate: flags.limitRate }),
  });
  return await runBatch(session, "pull", texts, async (text) => {
    const reference = parseReferenceArgument(session, text);
    // What is here already must still be here when the image is recorded.
    await using _kept = flags.dryRun
      ? undefined
      : await retainContent(session, store);
    const before = store.findImage(formatReference(reference));
    const result = await pull(reference, {
      ...selection,
      store,
      client: network.client,
      engine,
      force: flags.force,
      dryRun: flags.dryRun,
      onEvent: session.listener,
      signal: session.signal,
    });
    const note = describePulled(result, before, session.host.now());
    if (note !== undefined && !flags.dryRun) session.note(note);
    printResult(session, flags, reference, result);
  });
}

function printResult(
  session: Session,
  flags: Flags,
  reference: ImageReference,
  result: PullResult,
): void {
  if (flags.json) {
    // A script must be able to tell what would come from what came.
    const { dryRun } = flags;
    return session.printJson(dryRun ? { ...result, dryRun } : result);
  }
  if (flags.dryRun) session.note(describeDryRun(result));
  session.print(pulledName(reference, result));
}

function selectPlatforms(
  flags: Flags,
): { platforms?: ReturnType<typeof parsePlatform>[]; allPlatforms: boolean } {
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

async function gatherReferences(
  session: Session,
  flags: Flags,
  args: readonly string[],
): Promise<readonly string[]> {
  const { fromFile } = flags;
  const listed = fromFile === undefined
    ? []
    : await readReferences(fromFile, session.host.stdio, session.signal);
  const all = [...args, ...listed];
  if (all.length > 0) return all;
  throw new UsageError("usage", "Cannot pull: no reference is given", {
    hint: 'name an image, as in "dray pull alpine", or see "dray help pull"',
  });
}

/** The registries that options such as `--plain-http` are about; malformed references name none. */
function registriesOf(
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
