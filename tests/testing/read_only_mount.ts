import { mustRun } from "./run_command.ts";
import { tempDir } from "./temp_dir.ts";

/** A folder as it looks on a file system that nobody can write. */
export interface ReadOnlyMount extends AsyncDisposable {
  readonly path: string;
}

/** Shows a folder read-only at another place, which takes root's rights; see `canMountDisks`. */
export async function mountReadOnly(source: string): Promise<ReadOnlyMount> {
  const dir = await tempDir();
  await mustRun("mount", ["--bind", source, dir.path]);
  await mustRun("mount", ["-o", "remount,bind,ro", dir.path]);
  return {
    path: dir.path,
    async [Symbol.asyncDispose]() {
      await mustRun("umount", ["--lazy", dir.path]);
      await dir[Symbol.asyncDispose]();
    },
  };
}
