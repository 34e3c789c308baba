import { createHasher } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { digestAlgorithm } from "../spec/digest.ts";
import type { PullStore } from "./ports.ts";

/** Whether a committed blob still hashes to its digest. */
export async function isSound(
  store: PullStore,
  { digest }: Descriptor,
  signal: AbortSignal,
): Promise<boolean> {
  const hasher = createHasher(digestAlgorithm(digest));
  const stream = await store.readBlob(digest);
  for await (const chunk of stream) {
    signal.throwIfAborted();
    hasher.update(chunk);
  }
  return hasher.digest() === digest;
}
