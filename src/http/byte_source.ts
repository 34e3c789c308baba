/** Bytes that are read into the reader's memory; an empty view is the end. */
export interface ByteSource {
  read(into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  cancel(): Promise<void>;
}

/** Opens a stream for reading into one's own memory, whether it is a byte stream or not. */
export function openByteSource(
  stream: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): ByteSource {
  if (stream === null) return EMPTY;
  const reader = tryByobReader(stream);
  return reader === undefined
    ? new CopyingSource(stream.getReader())
    : new ByobSource(reader);
}

const EMPTY: ByteSource = {
  read: (into) => Promise.resolve(into.subarray(0, 0)),
  cancel: () => Promise.resolve(),
};

/** Undefined for a stream of chunks, such as that of a decompressor. */
function tryByobReader(
  stream: ReadableStream,
): ReadableStreamBYOBReader | undefined {
  if (stream.locked) throw new TypeError("The body is being read already");
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

class ByobSource implements ByteSource {
  readonly #reader: ReadableStreamBYOBReader;

  constructor(reader: ReadableStreamBYOBReader) {
    this.#reader = reader;
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { value } = await this.#reader.read(into);
    return value ?? new Uint8Array(0); // there is none only after a cancel
  }

  async cancel(): Promise<void> {
    await cancelQuietly(this.#reader);
  }
}

class CopyingSource implements ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>) {
    this.#reader = reader;
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) return into.subarray(0, 0);
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, into.length);
    this.#rest = this.#rest.subarray(part.length);
    into.set(part);
    return into.subarray(0, part.length);
  }

  async cancel(): Promise<void> {
    await cancelQuietly(this.#reader);
  }
}

/** A stream that failed rejects its cancelling with that failure, which its reader was told already. */
async function cancelQuietly(
  reader: { cancel(): Promise<void> },
): Promise<void> {
  await reader.cancel().catch(() => {});
}
