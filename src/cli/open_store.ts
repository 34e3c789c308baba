import { Store } from "../store/store.ts";
import type { Session } from "./session.ts";

/** The session's store for a command that only looks: nothing is made, nothing need be writable. */
export function openStoreToRead(session: Session): Promise<Store> {
  return Store.openToRead(session.storeDir, {
    now: session.host.now,
    signal: session.signal,
  });
}

/** For a command that changes what is there. Where there is no store none is made: it is empty. */
export function openStoreToChange(session: Session): Promise<Store> {
  const { storeDir, signal, host: { now } } = session;
  return Store.isAt(storeDir)
    ? Store.open(storeDir, { now, signal })
    : Store.openToRead(storeDir, { now, signal });
}

/** For a command that stays: where there is no store one is made, for others to fill meanwhile. */
export function openStoreToStay(session: Session): Promise<Store> {
  const { storeDir, signal, host: { now } } = session;
  return Store.isAt(storeDir)
    ? Store.openToRead(storeDir, { now, signal })
    : Store.open(storeDir, { now, signal });
}
