import { IntegrityError } from "../errors.ts";
import { createHasher } from "../io/hash.ts";
import { type Digest, digestAlgorithm } from "../spec/digest.ts";
import type { ImageLayer } from "../store/image_layers.ts";
import type { Store } from "../store/store.ts";

/** What reading damaged bytes fails with. */
const SIGNS_OF_DAMAGE: ReadonlySet<string> = new Set([
  "archive-invalid",
  "compression-invalid",
  "compression-unsupported",
  "digest-mismatch",
]);

/**
 * Waits for a layer that is being unpacked. Where that fails because the store's blob isn't what
 * was pulled any more, that is the error, not what the damage looks like from within.
 *
 * @throws IntegrityError `digest-mismatch`, and what `work` fails with.
 */
export async function tellDamage<Result>(
  work: Promise<Result>,
  { digest }: ImageLayer,
  store: Store,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const isSuspect = error instanceof IntegrityError &&
      SIGNS_OF_DAMAGE.has(error.code);
    if (!isSuspect || await isSound(store, digest)) throw error;
    throw new IntegrityError(
      "digest-mismatch",
      `Cannot unpack layer "${digest}": its blob in the store is damaged`,
      {
        cause: error,
        hint: "fetch it again with: dray verify --repair",
        details: { digest },
      },
    );
  }
}

async function isSound(store: Store, digest: Digest): Promise<boolean> {
  const hasher = createHasher(digestAlgorithm(digest));
  for await (const chunk of await store.readBlob(digest)) hasher.update(chunk);
  return hasher.digest() === digest;
}
