import { NotFoundError } from "../errors.ts";
import {
  formatReference,
  formatRepository,
  parseReference,
} from "../spec/reference.ts";
import type { Store } from "./store.ts";
import type { StoredImage } from "./stored_image.ts";

/** A reference, or an image of the store that the caller has looked up. */
export type ImageSource = string | StoredImage;

/**
 * The stored image that is meant; a reference by digest is any of that repository with it.
 *
 * @param action The verb of the message.
 * @throws UsageError `reference-invalid`
 * @throws NotFoundError `not-in-store`
 */
export function findImage(
  store: Pick<Store, "findImage" | "listImages">,
  source: ImageSource,
  action: string,
): StoredImage {
  if (typeof source !== "string") return source;
  const reference = parseReference(source);
  const name = formatReference(reference);
  const repository = formatRepository(reference);
  const found = store.findImage(name) ??
    store.listImages().find((image) =>
      reference.digest !== undefined && image.digest === reference.digest &&
      image.reference.startsWith(repository) &&
      ":@".includes(image.reference[repository.length] ?? " ")
    );
  if (found !== undefined) return found;
  throw new NotFoundError(
    "not-in-store",
    `Cannot ${action} "${name}": it is not in the store`,
    { hint: `get it with: dray pull ${name}` },
  );
}
