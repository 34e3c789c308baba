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
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {});
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    while (true) {
      // Whoever writes it may be asleep.
      const { done, value } = await Promise.race([
        localCall("read", name, () => reader.read()),
        aborted,
      ]);
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not waited for: a read of stdin can't be called back.
    reader.cancel().catch(() => {});
  }
}
