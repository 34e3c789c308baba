import { IntegrityError } from "../errors.ts";
import { hashBytes } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { digestAlgorithm } from "../spec/digest.ts";

/**
 * The content that a descriptor carries itself, checked like content from a
 * host (image-spec, descriptor.md: `data`); undefined where it carries none.
 *
 * @param maxBytes Content that is larger than this is refused before it is decoded.
 * @throws IntegrityError size-mismatch, digest-mismatch, document-too-large, document-invalid
 */
export function readInlineData(
  descriptor: Descriptor,
  maxBytes: number,
): Uint8Array | undefined {
  const { data, digest, size } = descriptor;
  if (data === undefined) return undefined;
  const start = `Cannot use the data in the descriptor of "${digest}": `;
  if (size > maxBytes) {
    throw new IntegrityError(
      "document-too-large",
      `${start}${size} bytes are more than the ${maxBytes} that are allowed`,
    );
  }
  // Four characters hold three bytes; checked first, so that nothing large is decoded.
  if (data.length > Math.ceil(size / 3) * 4) {
    throw new IntegrityError(
      "size-mismatch",
      `${start}there are more than its ${size} bytes`,
    );
  }
  const bytes = decodeBase64(data, start);
  if (bytes.length !== size) {
    throw new IntegrityError(
      "size-mismatch",
      `${start}there are ${bytes.length} bytes where it says ${size}`,
      { details: { expected: size, actual: bytes.length } },
    );
  }
  const actual = hashBytes(digestAlgorithm(digest), bytes);
  if (actual === digest) return bytes;
  throw new IntegrityError(
    "digest-mismatch",
    `${start}it hashes to ${actual}`,
    {
      details: { expected: digest, actual },
    },
  );
}

function decodeBase64(text: string, start: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch (cause) {
    throw new IntegrityError("document-invalid", `${start}it is not base64`, {
      cause,
    });
  }
}
