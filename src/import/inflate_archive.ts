import { IntegrityError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import { decompress } from "../unpack/decompress.ts";
import { LimitGuard } from "../unpack/unpack_limits.ts";

/** Real archives, of layers that are compressed or not, come nowhere near. */
const MAX_RATIO = new LimitGuard().limits.maxRatio;
const FREE_BYTES = new LimitGuard().limits.ratioFreeBytes;

/**
 * An archive's own bytes, whatever it is compressed with. A chunk is valid until the next one.
 *
 * @throws IntegrityError `compression-unsupported`, `compression-invalid`, `limit-exceeded`
 */
export async function* inflateArchive(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let bytesIn = 0;
  let bytesOut = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      bytesIn += chunk.length;
      yield chunk;
    }
  };
  try {
    for await (const chunk of decompress(counted())) {
      bytesOut += chunk.length;
      if (bytesOut > Math.max(FREE_BYTES, bytesIn * MAX_RATIO)) {
        throw new IntegrityError(
          "limit-exceeded",
          `Cannot import ${
            quoteText(name)
          }: it inflates to more than ${MAX_RATIO} times its size`,
          { details: { limit: MAX_RATIO } },
        );
      }
      yield chunk;
    }
  } catch (error) {
    throw inOurWords(error, name);
  }
}

/** What unpacking says of a layer holds for an archive. */
export function inOurWords(error: unknown, name: string): unknown {
  if (!(error instanceof IntegrityError)) return error;
  if (!error.code.startsWith("compression-")) return error;
  const what = error.message.replace(/^Cannot unpack layer: /, "");
  return new IntegrityError(
    error.code,
    `Cannot import ${quoteText(name)}: ${what}`,
    { cause: error },
  );
}
