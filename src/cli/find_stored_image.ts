import { NotFoundError } from "../errors.ts";
import {
  formatReference,
  formatRepository,
  type ImageReference,
} from "../spec/reference.ts";
import type { Store } from "../store/store.ts";
import type { StoredImage } from "../store/stored_image.ts";

/**
 * The stored image that a reference means: the same reference, or for one with a
 * digest any of the same repository that resolved to it.
 */
export function findStoredImage(
  store: Pick<Store, "findImage" | "listImages">,
  reference: ImageReference,
): StoredImage | undefined {
  const exact = store.findImage(formatReference(reference));
  if (exact !== undefined || reference.digest === undefined) return exact;
  const prefix = formatRepository(reference);
  return store.listImages().find((image) =>
    image.digest === reference.digest &&
    (image.reference.startsWith(`${prefix}:`) ||
      image.reference.startsWith(`${prefix}@`))
  );
}

/** What to throw where it is not there. */
export function notInStore(
  action: string,
  reference: ImageReference,
): NotFoundError {
  const name = formatReference(reference);
  return new NotFoundError(
    "not-in-store",
    `Cannot ${action} "${name}": it is not in the store`,
    { hint: `dray images lists what is; get it with: dray pull ${name}` },
  );
}
