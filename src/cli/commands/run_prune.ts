import { prune, type PruneResult } from "../../maintain/prune.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openStoreToChange, openStoreToRead } from "../open_store.ts";
import type { Session } from "../session.ts";
import type { PruneFlags } from "./prune_command.ts";

/** Deletes what no reference needs, and prints how many bytes that freed. */
export async function runPrune(
  session: Session,
  flags: PruneFlags & GlobalFlags,
): Promise<void> {
  await using store = flags.dryRun
    ? await openStoreToRead(session)
    : await openStoreToChange(session);
  const result = await prune(store, {
    dryRun: flags.dryRun,
    partialsOlderThanMs: flags.partialsOlderThan,
    signal: session.signal,
    now: session.host.now,
    onWait: () => session.note("dray: note: waiting for others in the store"),
  });
  if (flags.json) return session.printJson(result);
  if (flags.quiet) return session.print(String(result.bytes));
  session.print(describe(result));
}

function describe(result: PruneResult): string {
  const { dryRun, bytes } = result;
  const what = [
    counted(result.blobs, "blob"),
    counted(result.layers, "unpacked layer"),
    counted(result.partials, "partial download"),
  ].filter((part) => part !== "").join(", ");
  if (what === "" && bytes === 0) return "Nothing to delete";
  const verb = dryRun ? "Would free" : "Freed";
  return `${verb} ${formatBytes(bytes)}${what === "" ? "" : `: ${what}`}`;
}

function counted(count: number, noun: string): string {
  return count === 0 ? "" : `${count} ${noun}${count === 1 ? "" : "s"}`;
}
