import type { IncomingMessage } from "node:http";
import type { GatedSocket } from "./gated_socket.ts";

/**
 * The body of an answer as a byte stream, which can be read into the reader's
 * own memory. Little is read ahead of the reader.
 *
 * @param toError Gives what the connection fails with the error that readers see.
 */
export function byteStreamOf(
  message: IncomingMessage,
  gate: GatedSocket,
  toError: (error: unknown) => unknown,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks: AsyncIterator<Uint8Array> = message.iterator();
  let rest: Uint8Array = new Uint8Array(0);
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      try {
        while (rest.length === 0) {
          if (message.readableLength === 0) gate.admit();
          const { value, done } = await chunks.next();
          if (done) return close(controller);
          rest = value;
        }
      } catch (error) {
        throw toError(error);
      }
      rest = rest.subarray(put(rest, controller));
    },
    cancel() {
      gate.destroy();
    },
  });
}

function close(controller: ReadableByteStreamController): void {
  controller.close();
  controller.byobRequest?.respond(0);
}

/** Copies, as Node's buffers share memory that must not be detached; says how much. */
function put(
  bytes: Uint8Array,
  controller: ReadableByteStreamController,
): number {
  const { byobRequest } = controller;
  const view = byobRequest?.view;
  if (!byobRequest || !view) {
    controller.enqueue(new Uint8Array(bytes));
    return bytes.length;
  }
  const part = bytes.subarray(0, view.byteLength);
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(part);
  byobRequest.respond(part.length);
  return part.length;
}
