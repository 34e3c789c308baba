import { createHasher } from "../io/hash.ts";
import { guardLocal, localCall } from "../io/local_error.ts";
import { findEntry, openRegularFile } from "../io/open_regular_file.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { digestAlgorithm } from "../spec/digest.ts";

/** Whether a blob is there; its name and size alone prove nothing. */
export async function isSoundFile(
  path: string,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
  signal?: AbortSignal,
): Promise<boolean> {
  const info = guardLocal("open", path, () => findEntry(path));
  if (!info?.isFile || info.size !== size) return false;
  using file = openRegularFile(path);
  if (file === undefined) return false;
  const hasher = createHasher(digestAlgorithm(digest));
  const buffer = new Uint8Array(1 << 20);
  while (true) {
    signal?.throwIfAborted();
    const read = await localCall("read", path, () => file.read(buffer));
    if (read === null) return hasher.digest() === digest;
    hasher.update(buffer.subarray(0, read));
  }
}
