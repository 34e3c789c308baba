import { LocalError } from "../errors.ts";
import { openLock } from "../io/file_lock.ts";
import { guardLocal } from "../io/local_error.ts";
import { layerLockPath, lockPath, removedLayerName } from "../store/layout.ts";
import { lookAt } from "../unpack/look_at.ts";
import { removeTree } from "../unpack/remove_tree.ts";

/** Makes the folder of a store's unpacked layers. A link in its place would lead out of the store. */
export function makeLayersFolder(dir: string): void {
  guardLocal("create", dir, () => {
    const info = lookAt(dir);
    if (info?.isDirectory) return;
    if (info === undefined) {
      return Deno.mkdirSync(dir, { recursive: true, mode: 0o700 });
    }
    throw new LocalError(
      "store-damaged",
      `Cannot use "${dir}": it is no folder`,
      { hint: "remove it, or use another store (--store DIR)" },
    );
  });
}

/** Keeps a layer's folder for one process, and all of them where they are. Waits for others. */
export async function lockLayer(
  storeDir: string,
  name: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<AsyncDisposable> {
  await using locks = new AsyncDisposableStack();
  const all = { shared: true, signal };
  locks.use(await openLock(lockPath(storeDir, "layers"), all));
  locks.use(await openLock(layerLockPath(storeDir, name), { signal }));
  return locks.move();
}

/** Removes a folder that nothing is recorded of: nobody knows what is in it. */
export function removeUnrecorded(dir: string, name: string): void {
  const path = `${dir}/${name}`;
  guardLocal("remove", path, () => {
    if (lookAt(path) === undefined) return;
    const away = `${dir}/${removedLayerName(name)}`;
    removeTree(away);
    Deno.renameSync(path, away);
    removeTree(away);
  });
}
