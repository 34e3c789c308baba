import { IntegrityError } from "../../errors.ts";
import type { RepairOptions } from "../../maintain/repair.ts";
import { verify, type VerifyResult } from "../../maintain/verify.ts";
import { DEFAULT_RETRY_BUDGET } from "../../pull/retry_budget.ts";
import { TransferEngine } from "../../pull/transfer_engine.ts";
import { Store } from "../../store/store.ts";
import { formatBytes } from "../../ui/format_bytes.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { mustFindStoredImage } from "../find_stored_image.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import { openStoreToRead } from "../open_store.ts";
import type { Session } from "../session.ts";
import type { VerifyFlags } from "./verify_command.ts";

type Flags = VerifyFlags & GlobalFlags;

/** Hashes what is stored again, and prints what is damaged. */
export async function runVerify(
  session: Session,
  flags: Flags,
  args: readonly string[],
): Promise<number> {
  const repairs = flags.repair && Store.isAt(session.storeDir);
  if (repairs) await mendDatabase(session);
  const { signal } = session;
  await using store =
    await (repairs
      ? Store.open(session.storeDir, { signal })
      : openStoreToRead(session));
  const references = args.map((text) =>
    mustFindStoredImage(session, store, text, "verify").reference
  );
  await using scope = new AsyncDisposableStack();
  const repair = repairs
    ? await openRepair(session, flags, store, scope)
    : undefined;
  const result = await verify(store, {
    ...references.length > 0 && { references },
    ...repair && { repair },
    onEvent: session.listener,
    signal,
  });
  show(session, flags, result);
  const damage = describeDamage(result);
  if (damage === undefined) return 0;
  return session.reportError(
    new IntegrityError("content-damaged", `Cannot trust the store: ${damage}`, {
      hint: flags.repair
        ? "the warnings say why it could not be fetched again"
        : "fetch it again with: dray verify --repair",
    }),
  ).exitCode;
}

async function mendDatabase(session: Session): Promise<void> {
  const aside = await Store.mend(session.storeDir, {
    signal: session.signal,
    onWait: () => session.note("dray: note: waiting for others in the store"),
  });
  if (aside === undefined) return;
  session.log(
    "warn",
    `the database was damaged; it is at ${aside}, and a new one was made`,
  );
}

async function openRepair(
  session: Session,
  flags: Flags,
  store: Store,
  scope: AsyncDisposableStack,
): Promise<RepairOptions> {
  const registries = store.listImages().map(({ reference }) =>
    reference.slice(0, reference.indexOf("/"))
  );
  const network = await openSessionNetwork(session, [...new Set(registries)]);
  scope.use(network);
  const engine = new TransferEngine({
    client: network.client,
    store,
    idleTimeoutMs: flags.idleTimeout,
    retry: { ...DEFAULT_RETRY_BUDGET, maxRetries: flags.retries },
  });
  scope.use(engine);
  return { client: network.client, engine };
}

function show(session: Session, flags: Flags, result: VerifyResult): void {
  if (flags.json) return session.printJson(result);
  for (const digest of result.repaired ?? []) {
    session.print(`repaired ${digest}`);
  }
  for (const digest of result.missing) session.print(`missing ${digest}`);
  for (const digest of result.corrupt) session.print(`corrupt ${digest}`);
  const { checked, bytes } = result;
  const what = `${checked} blob${checked === 1 ? "" : "s"}`;
  session.note(`${what}, ${formatBytes(bytes)} hashed`);
}

function describeDamage(
  { missing, corrupt }: VerifyResult,
): string | undefined {
  const parts = [
    missing.length > 0 ? `${missing.length} missing` : "",
    corrupt.length > 0 ? `${corrupt.length} corrupt` : "",
  ].filter((part) => part !== "");
  if (parts.length === 0) return undefined;
  const plural = missing.length + corrupt.length === 1 ? "" : "s";
  return `it has ${parts.join(" and ")} blob${plural}`;
}
