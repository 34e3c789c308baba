import type { Creator } from "./attributes.ts";

/** Makes a file and looks whose it is, and which permission bits it got. */
export function probeCreator(folder: string): Creator {
  const path = `${folder}/.dray-probe`;
  // Not writeFile: that sets the mode by itself, whatever the umask.
  Deno.openSync(path, { write: true, createNew: true, mode: 0o777 }).close();
  try {
    const { uid, gid, mode } = Deno.lstatSync(path);
    // Windows has none of these.
    return {
      uid: uid ?? -1,
      gid: gid ?? -1,
      umask: 0o777 & ~(mode ?? 0o777),
    };
  } finally {
    Deno.removeSync(path);
  }
}
