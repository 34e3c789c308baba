import { IntegrityError } from "../errors.ts";
import type { Compression } from "./compression.ts";

/** The error for content that can't be decompressed. @param why What the decoder says. */
export function damagedContent(
  compression: Compression,
  why: unknown,
): IntegrityError {
  const reason = why instanceof Error ? why.message : String(why);
  return new IntegrityError(
    "compression-invalid",
    `Cannot unpack layer: its ${compression} is damaged: ${reason}`,
    { cause: why },
  );
}
