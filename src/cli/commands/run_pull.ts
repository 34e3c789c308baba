// What every pull loads in the end: here it is read with the rest, not in three turns on the way.
import "../../registry/fetch_blob.ts";
import "../../registry/fetch_document.ts";
import "../../registry/open_blob.ts";
import { UsageError } from "../../errors.ts";
import type { LayerUnpacker } from "../../pull/ports.ts";
import { pull } from "../../pull/pull.ts";
import type { PullResult } from "../../pull/pull_result.ts";
import { DEFAULT_RETRY_BUDGET } from "../../pull/retry_budget.ts";
import { TransferEngine } from "../../pull/transfer_engine.ts";
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
import {
  gatherReferences,
  registriesOf,
  selectPlatforms,
} from "../pull_arguments.ts";
import { retainContent } from "../retain_content.ts";
import { runBatch } from "../run_batch.ts";
import type { Session } from "../session.ts";
import { isStdinPath } from "../standard_paths.ts";
import { gatherLimits } from "../unpack_limit_flag.ts";
import type { PullFlags } from "./pull_command.ts";

type Flags = PullFlags & GlobalFlags;

/** Pulls images and prints the digest of each. */
export async function runPull(
  session: Session,
  flags: Flags,
  args: readonly string[],
): Promise<number> {
  if (flags.passwordStdin && isStdinPath(flags.fromFile ?? "")) {
    throw new UsageError(
      "usage",
      "Cannot read both the references and the password from stdin",
    );
  }
  if (flags.explain) {
    const { runExplain }: typeof import("./run_explain.ts") = await import(
      "./run_explain.ts" as string
    );
    return await runExplain(session, flags, args);
  }
  requireUnpack(flags);
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
      : Store.open(session.storeDir, {
        sync: !flags.noSync,
        signal: session.signal,
      }));
  using engine = new TransferEngine({
    client: network.client,
    store,
    maxConnections: flags.maxConnections,
    idleTimeoutMs: flags.idleTimeout,
    retry: { ...DEFAULT_RETRY_BUDGET, maxRetries: flags.retries },
    ...(flags.limitRate === undefined ? {} : { limitRate: flags.limitRate }),
  });
  using unpacker = await openUnpacker(store, flags);
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
      ...unpacker === undefined ? {} : { unpack: unpacker },
      onEvent: session.listener,
      signal: session.signal,
    });
    const note = describePulled(result, before, session.host.now());
    if (note !== undefined && !flags.dryRun) session.note(note);
    printResult(session, flags, reference, result);
  });
}

function requireUnpack({ unpack, whiteouts, limit = [] }: Flags): void {
  if (unpack || whiteouts === undefined && limit.length === 0) return;
  const option = whiteouts === undefined ? "--limit" : "--whiteouts";
  throw new UsageError(
    "usage",
    `Cannot use ${option}: without --unpack nothing is unpacked`,
  );
}

/** Loaded only where it is used. */
async function openUnpacker(
  store: Store,
  { unpack, whiteouts, noSync, limit }: Flags,
): Promise<(LayerUnpacker & Disposable) | undefined> {
  if (!unpack) return undefined;
  const { StoreUnpacker }:
    typeof import("../../unpack_image/store_unpacker.ts") = await import(
      "../../unpack_image/store_unpacker.ts" as string
    );
  const limits = gatherLimits(limit);
  return new StoreUnpacker({ store, whiteouts, limits, sync: !noSync });
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
