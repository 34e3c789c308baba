import { NotFoundError } from "../errors.ts";
import {
  formatReference,
  formatRepository,
  parseReference,
} from "../spec/reference.ts";
import type { Store } from "../store/store.ts";
import type { StoredImage } from "../store/stored_image.ts";
import type { UnpackSource } from "./unpack_options.ts";

/**
 * The stored image that is meant; a reference by digest is any of that repository with it.
 *
 * @throws UsageError `reference-invalid`
 * @throws NotFoundError `not-in-store`
 */
export function findImage(store: Store, source: UnpackSource): StoredImage {
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
    `Cannot unpack "${name}": it is not in the store`,
    { hint: `get it with: dray pull ${name}` },
  );
}
