import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** How much of a socket's data may be under way to the reader at once. */
const PORTION_BYTES = 524_288;

/**
 * A socket that yields only as much as was asked for. Deno 2.9's `node:tls`
 * reads on whether its data are wanted or not (measured: 1 GiB of memory for
 * a body of 1 GiB), so what flows into it is let in by portions.
 */
export class GatedSocket extends Duplex {
  readonly #socket: Socket;
  #credit = PORTION_BYTES;
  #isWanted = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("readable", () => this.#flow());
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  /** Lets a portion in; to be called whenever the reader has nothing left to read. */
  admit(): void {
    this.#credit = PORTION_BYTES;
    this.#flow();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#flow();
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    callback: (error?: Error | null) => void,
  ): void {
    this.#socket.write(chunk, callback);
  }

  override _final(callback: () => void): void {
    this.#socket.end(callback);
  }

  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    this.#socket.destroy();
    callback(error);
  }

  #flow(): void {
    while (this.#isWanted && this.#credit > 0) {
      const chunk: Uint8Array | null = this.#socket.read();
      if (chunk === null) return;
      this.#credit -= chunk.length;
      this.#isWanted = this.push(chunk);
    }
  }
}
