import { lookAt } from "./look_at.ts";

/**
 * Removes a folder with all in it, that of folders too which their owner may not enter.
 * Links are removed, never followed. That nothing is there is no failure.
 */
export function removeTree(path: string): void {
  const info = lookAt(path);
  if (info === undefined) return;
  if (info.isDirectory) {
    if (((info.mode ?? 0o700) & 0o700) !== 0o700) Deno.chmodSync(path, 0o700);
    for (const { name } of Deno.readDirSync(path)) {
      removeTree(`${path}/${name}`);
    }
  }
  Deno.removeSync(path);
}
