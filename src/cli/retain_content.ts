import type { FileLock } from "../io/file_lock.ts";
import type { Store } from "../store/store.ts";
import type { Session } from "./session.ts";

/** Keeps a prune out until it is disposed, and waits for one under way. */
export function retainContent(
  session: Session,
  store: Store,
): Promise<FileLock> {
  return store.retain({
    signal: session.signal,
    onWait: () => session.note("dray: note: waiting for a prune to end"),
  });
}
