import type { DrayEvent } from "../../events.ts";
import { pull } from "../../pull/pull.ts";
import type { PullResult } from "../../pull/pull_result.ts";
import { isIndexType } from "../../spec/media_type.ts";
import { explainPull } from "../explain/explain_pull.ts";
import type { Explanation } from "../explain/explanation.ts";
import { recordNetwork } from "../explain/network_record.ts";
import { renderExplanation } from "../explain/render_explanation.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openSessionNetwork } from "../open_session_network.ts";
import { openStoreToRead } from "../open_store.ts";
import { parseReferenceArgument } from "../parse_argument.ts";
import {
  gatherReferences,
  registriesOf,
  selectPlatforms,
} from "../pull_arguments.ts";
import { runBatch } from "../run_batch.ts";
import type { Session } from "../session.ts";
import type { PullFlags } from "./pull_command.ts";

/** Tries a pull without storing anything, and prints what it would do, and why, also where it fails. */
export async function runExplain(
  session: Session,
  flags: PullFlags & GlobalFlags,
  args: readonly string[],
): Promise<number> {
  const selection = selectPlatforms(flags);
  const texts = await gatherReferences(session, flags, args);
  const recorder = recordNetwork();
  using network = await openSessionNetwork(
    session,
    registriesOf(session, texts),
    flags,
    recorder.listeners,
  );
  await using store = await openStoreToRead(session);
  return await runBatch(session, "explain", texts, async (text) => {
    const reference = parseReferenceArgument(session, text);
    recorder.nextReference();
    let isSingle: boolean | undefined;
    let result: PullResult | undefined;
    const onEvent = (event: DrayEvent): void => {
      // The first document is the one that the reference resolved to.
      if (event.event === "manifest") {
        isSingle ??= !isIndexType(event.mediaType);
      }
      session.listener(event);
    };
    try {
      const { client } = network;
      const { signal } = session;
      const options = { ...selection, store, client, onEvent, signal };
      result = await pull(reference, { ...options, dryRun: true });
    } finally {
      // After an interrupt nobody waits for an explanation.
      if (!session.signal.aborted) {
        const explanation = await explainPull(session, {
          text,
          settings: network.settings,
          record: recorder.record,
          allPlatforms: flags.allPlatforms,
          result,
          isSingle: isSingle ?? false,
        });
        print(session, explanation);
      }
    }
  });
}

function print(session: Session, explanation: Explanation): void {
  if (session.flags.json) return session.printJson(explanation);
  for (const line of renderExplanation(explanation)) session.print(line);
}
