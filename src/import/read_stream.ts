import { localCall } from "../io/local_error.ts";

/**
 * The chunks of a stream, for as long as nobody interrupts. What is left of it is cancelled.
 *
 * @param name Names it in a message.
 */
export async function* readStream(
  stream: ReadableStream<Uint8Array>,
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  // Whoever writes it may be asleep: this ends the read that waits for it.
  const onAbort = (): void => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    while (true) {
      const { done, value } = await localCall(
        "read",
        name,
        () => reader.read(),
      );
      signal?.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not waited for: a read of stdin can't be called back.
    reader.cancel().catch(() => {});
  }
}
