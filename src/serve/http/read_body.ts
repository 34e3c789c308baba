const PIECE_BYTES = 256 * 1024;

/** The pieces of a body that is being read. */
export interface BodyPieces extends AsyncDisposable {
  /** The next; valid until the one after it. Undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
}

/** Reads a body, into one buffer where it can be; the signal is an end of it. */
export function readBody(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): BodyPieces {
  const byob = findByobReader(body);
  const plain = byob === undefined ? body.getReader() : undefined;
  const cancel = async (): Promise<void> => {
    // That it failed, or is at its end already, is known by then.
    await Promise.allSettled([byob?.cancel(), plain?.cancel()]);
  };
  const end = (): void => void cancel();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  return {
    next: byob === undefined ? nextOf(plain) : nextInto(byob),
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", end);
      await cancel();
    },
  };
}

function findByobReader(
  body: ReadableStream<Uint8Array>,
): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch (error) {
    // A stream that is none of bytes.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function nextInto(reader: ReadableStreamBYOBReader): BodyPieces["next"] {
  let buffer = new ArrayBuffer(PIECE_BYTES);
  return async () => {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (value !== undefined) buffer = value.buffer;
    return done ? undefined : value;
  };
}

function nextOf(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): BodyPieces["next"] {
  return async () => (await reader?.read())?.value;
}
