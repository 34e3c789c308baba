import { mustRun, runCommand } from "./run_command.ts";
import { tempDir } from "./temp_dir.ts";

/** A file system of a given size, which takes root's rights to make. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Writes a file `ballast` until so many bytes are left, by default 0; returns its bytes. */
  fillUp(leaveBytes?: number): Promise<number>;
  /** Removes the ballast. */
  makeRoom(): Promise<void>;
}

/** Makes one: `await using disk = await smallDisk(1024)`. */
export async function smallDisk(kib: number): Promise<SmallDisk> {
  const dir = await tempDir();
  const options = `size=${kib}k,mode=700`;
  await mustRun("mount", ["-t", "tmpfs", "-o", options, "tmpfs", dir.path]);
  const ballast = dir.join("ballast");
  return {
    path: dir.path,
    fillUp: (leaveBytes = 0) => fillUp(ballast, leaveBytes),
    makeRoom: () => Deno.remove(ballast),
    async [Symbol.asyncDispose]() {
      await mustRun("umount", ["--lazy", dir.path]);
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Whether small disks can be made; says loudly what is left out where they can't. */
export async function canMountDisks(): Promise<boolean> {
  if (await canMount()) return true;
  console.error("\n!!! LEFT OUT: full-disk tests need root and mount\n");
  return false;
}

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  await using dir = await tempDir();
  const args = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", dir.path];
  if ((await runCommand("mount", args)).code !== 0) return false;
  await mustRun("umount", [dir.path]);
  return true;
}

async function fillUp(path: string, leaveBytes: number): Promise<number> {
  using file = await Deno.open(path, { createNew: true, write: true });
  let bytes = 0;
  try {
    for (;;) bytes += await file.write(new Uint8Array(4096));
  } catch {
    const kept = Math.max(0, bytes - leaveBytes);
    await file.truncate(kept);
    return kept;
  }
}
