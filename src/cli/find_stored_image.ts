import { DrayError, NotFoundError, UsageError } from "../errors.ts";
import {
  formatReference,
  formatRepository,
  type ImageReference,
} from "../spec/reference.ts";
import { quoteText } from "../spec/escape_text.ts";
import type { Store } from "../store/store.ts";
import type { StoredImage } from "../store/stored_image.ts";
import { parseReferenceArgument } from "./parse_argument.ts";
import type { Session } from "./session.ts";

type Images = Pick<Store, "findImage" | "listImages">;

/**
 * The stored image that a reference means: the same reference, or for one with a
 * digest any of the same repository that resolved to it.
 */
export function findStoredImage(
  store: Images,
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

/** Shorter ones are more likely a name. */
const DIGEST_PREFIX = /^(?:sha(?:256|512):)?([0-9a-f]{4,128})$/;

/**
 * The stored images whose digest begins so, with or without `sha256:`; none where the text is no
 * such thing.
 *
 * @throws UsageError usage, where it is the start of several digests.
 */
export function findByDigestPrefix(
  store: Images,
  text: string,
): readonly StoredImage[] {
  const match = DIGEST_PREFIX.exec(text);
  if (match === null) return [];
  const [, hex = ""] = match;
  const algorithm = text.slice(0, text.indexOf(":") + 1);
  const found = store.listImages().filter(({ digest }) =>
    digest.startsWith(algorithm) &&
    digest.slice(digest.indexOf(":") + 1).startsWith(hex)
  );
  const digests = new Set(found.map(({ digest }) => digest));
  if (digests.size <= 1) return found;
  throw new UsageError(
    "usage",
    `Cannot find ${quoteText(text)}: ${digests.size} digests begin so`,
    { hint: "write more of the digest: dray images --digests shows them" },
  );
}

/**
 * The stored image that an argument means: a reference, else the start of a digest.
 *
 * @param action The verb of the message.
 * @throws UsageError reference-invalid, or usage where the start of a digest is not enough.
 * @throws NotFoundError not-in-store
 */
export function mustFindStoredImage(
  session: Session,
  store: Images,
  text: string,
  action: string,
): StoredImage {
  const reference = tryParse(session, text);
  const named = reference instanceof DrayError
    ? undefined
    : findStoredImage(store, reference);
  const image = named ?? findByDigestPrefix(store, text)[0];
  if (image !== undefined) return image;
  throw reference instanceof DrayError
    ? reference
    : notInStore(action, reference);
}

/** A digest by itself is no reference, and its start looks like a name. */
function tryParse(session: Session, text: string): ImageReference | DrayError {
  try {
    return parseReferenceArgument(session, text);
  } catch (error) {
    if (error instanceof DrayError) return error;
    throw error;
  }
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
    {
      hint: action === "remove"
        ? "dray images lists what is"
        : `dray images lists what is; get it with: dray pull ${name}`,
    },
  );
}
