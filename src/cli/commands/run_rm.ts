import type { Store } from "../../store/store.ts";
import { UsageError } from "../../errors.ts";
import { quoteText } from "../../spec/escape_text.ts";
import { parseReference } from "../../spec/reference.ts";
import type { StoredImage } from "../../store/stored_image.ts";
import {
  findByDigestPrefix,
  mustFindStoredImage,
  notInStore,
} from "../find_stored_image.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { openStoreToChange } from "../open_store.ts";
import { runBatch } from "../run_batch.ts";
import type { Session } from "../session.ts";

/** Forgets references and prints them. */
export async function runRm(
  session: Session,
  flags: GlobalFlags,
  args: readonly string[],
): Promise<number> {
  await using store = await openStoreToChange(session);
  return await runBatch(session, "remove", args, async (text) => {
    const { reference, digest } = findOne(session, store, text);
    if (!await store.removeImage(reference)) {
      throw notInStore("remove", parseReference(reference));
    }
    if (flags.json) session.printJson({ reference, digest });
    else session.print(reference);
  });
}

/** By the start of a digest only where a single reference has it: the others were not meant. */
function findOne(session: Session, store: Store, text: string): StoredImage {
  const image = mustFindStoredImage(session, store, text, "remove");
  const alike = findByDigestPrefix(store, text);
  const names = alike.map(({ reference }) => reference);
  if (names.length < 2 || !names.includes(image.reference)) return image;
  throw new UsageError(
    "usage",
    `Cannot remove ${
      quoteText(text)
    }: ${names.length} references have this digest`,
    { hint: `name one of ${names.join(", ")}` },
  );
}
