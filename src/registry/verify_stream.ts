import { IntegrityError, UnavailableError } from "../errors.ts";
import type { ByteRange } from "../io/byte_range.ts";
import { createHasher } from "../io/hash.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { digestAlgorithm } from "../spec/digest.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a stream is checked against. */
export interface Expected {
  readonly descriptor: Descriptor;
  /** Host that serves it, for messages. */
  readonly source: string;
}

/**
 * Passes a blob through. More bytes than its size fail at once; at its end
 * the reader gets an error where size or digest differ.
 */
export function verifyStream(
  body: ReadableStream<Bytes>,
  expected: Expected,
): ReadableStream<Bytes> {
  const { digest, size } = expected.descriptor;
  const hasher = createHasher(digestAlgorithm(digest));
  let received = 0;
  return body.pipeThrough(
    new TransformStream<Bytes, Bytes>({
      transform(chunk, controller) {
        received += chunk.length;
        if (received > size) {
          throw mismatch(expected, "size", size, `more than ${size}`);
        }
        hasher.update(chunk);
        controller.enqueue(chunk);
      },
      flush() {
        if (received !== size) throw mismatch(expected, "size", size, received);
        const actual = hasher.digest();
        if (actual !== digest) {
          throw mismatch(expected, "digest", digest, actual);
        }
      },
    }),
  );
}

/**
 * Passes on one range of a stream and ends the rest of it.
 *
 * @param range In bytes of the stream.
 */
export function sliceStream(
  body: ReadableStream<Bytes>,
  range: ByteRange,
  expected: Expected,
): ReadableStream<Bytes> {
  const reader = body.getReader();
  let offset = 0;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      while (offset < range.end) {
        const { value, done } = await reader.read();
        if (done) throw cutShort(expected);
        const part = value.subarray(
          Math.max(0, range.start - offset),
          Math.max(0, range.end - offset),
        );
        offset += value.length;
        if (part.length > 0) return controller.enqueue(part);
      }
      await reader.cancel();
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function mismatch(
  { descriptor, source }: Expected,
  what: "size" | "digest",
  expected: string | number,
  actual: string | number,
): IntegrityError {
  const unit = what === "size" ? " bytes" : "";
  return new IntegrityError(
    `${what}-mismatch`,
    `Cannot verify "${descriptor.digest}": ${source} served ${actual}${unit} where ${expected} is expected`,
    { details: { host: source, expected, actual } },
  );
}

function cutShort({ descriptor, source }: Expected): UnavailableError {
  return new UnavailableError(
    "unreachable",
    `Cannot fetch blob "${descriptor.digest}": ${source} ended before the range did`,
    { details: { host: source } },
  );
}

/** The error for a range that lies outside of what a host has. */
export function rangeNotServed(
  descriptor: Descriptor,
  source: string,
): IntegrityError {
  return new IntegrityError(
    "size-mismatch",
    `Cannot fetch blob "${descriptor.digest}": ${source} has no such range`,
    { details: { host: source, expected: descriptor.size } },
  );
}
