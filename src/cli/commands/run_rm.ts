import { Store } from "../../store/store.ts";
import { findStoredImage, notInStore } from "../find_stored_image.ts";
import type { GlobalFlags } from "../global_flags.ts";
import { parseReferenceArgument } from "../parse_argument.ts";
import { runBatch } from "../run_batch.ts";
import type { Session } from "../session.ts";

/** Forgets references and prints them. */
export async function runRm(
  session: Session,
  flags: GlobalFlags,
  args: readonly string[],
): Promise<number> {
  await using store = await Store.open(session.storeDir);
  return await runBatch(session, "remove", args, async (text) => {
    const wanted = parseReferenceArgument(session, text);
    const image = findStoredImage(store, wanted);
    if (image === undefined || !await store.removeImage(image.reference)) {
      throw notInStore("remove", wanted);
    }
    const { reference, digest } = image;
    if (flags.json) session.printJson({ reference, digest });
    else session.print(reference);
  });
}
