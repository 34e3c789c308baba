import { runCommand } from "./run_command.ts";

/** Whether `fallocate` is there and the file system of temporary folders takes it; says loudly where not. */
export async function canReserve(): Promise<boolean> {
  const path = await Deno.makeTempFile();
  try {
    const args = ["--keep-size", "--length", "4096", "--", path];
    if ((await runCommand("fallocate", args)).code === 0) return true;
  } catch {
    // It is not installed.
  } finally {
    await Deno.remove(path);
  }
  console.error("\n!!! LEFT OUT: tests of reserved space need fallocate\n");
  return false;
}

/** Bytes that a file has of the disk. */
export function allocatedBytes(path: string): number {
  return (Deno.statSync(path).blocks ?? 0) * 512;
}
