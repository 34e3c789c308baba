/**
 * How many bytes this user may still write below a folder; undefined where that cannot be
 * learnt, such as without `--allow-sys=statfs`.
 */
export async function findFreeBytes(dir: string): Promise<number | undefined> {
  // Loaded here since it takes 30 ms, and only a command that is about to download asks.
  const { statfs } = await import("node:fs/promises");
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  } catch {
    // A convenience: whoever asks goes on without it and meets a full disk as an error later.
    return undefined;
  }
}
