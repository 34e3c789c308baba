import { damagedContent } from "./damaged_content.ts";

/** Where in a frame the next bytes are (RFC 8878, section 3.1). */
type Part =
  | "magic"
  | "skip-size"
  | "skipped"
  | "descriptor"
  | "header"
  | "block-header"
  | "block"
  | "checksum";

/** The parts that are numbers, by their bytes; they may be cut anywhere. */
const FIELD_BYTES: Partial<Record<Part, number>> = {
  magic: 4,
  "skip-size": 4,
  descriptor: 1,
  "block-header": 3,
};
const ZSTD_MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
const ZSTD_MAGIC_NUMBER = 0xfd2fb528;
const SKIPPABLE_NUMBER = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/**
 * Cuts zstd into its frames, and leaves out the skippable ones. Deno 2.9's decoder doesn't tell
 * whether the last frame was whole; and its streams lose what follows a frame's end within a
 * chunk, without a word, so with them each frame needs its own.
 */
export class ZstdFrames {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #part: Part = "magic";
  /** Bytes of the part that are still to come. */
  #left = 4;
  #field = 0;
  #fieldBytes = 0;
  #hasChecksum = false;
  #lastBlock = false;

  constructor(source: AsyncIterator<Uint8Array>) {
    this.#source = source;
  }

  /** Goes to the next frame. @returns false at the end of it all. */
  async nextFrame(): Promise<boolean> {
    while (this.#part !== "descriptor") {
      if (this.#chunk.length > 0) {
        this.#take();
        continue;
      }
      if (await this.#refill()) continue;
      if (this.#part === "magic" && this.#fieldBytes === 0) return false;
      throw damagedContent("zstd", "it is cut short");
    }
    return true;
  }

  /** The bytes of the frame, as they are; to be read to their end. */
  async *frame(): AsyncGenerator<Uint8Array> {
    yield ZSTD_MAGIC;
    while (this.#inFrame()) {
      const chunk = this.#chunk;
      // What follows the frame is neither taken nor yielded.
      while (this.#chunk.length > 0 && this.#inFrame()) this.#take();
      const taken = chunk.length - this.#chunk.length;
      if (taken > 0) yield chunk.subarray(0, taken);
      if (this.#inFrame() && !await this.#refill()) {
        throw damagedContent("zstd", "it is cut short");
      }
    }
  }

  #inFrame(): boolean {
    return this.#part !== "magic";
  }

  async #refill(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (!done) this.#chunk = value;
    return !done;
  }

  /** Takes bytes of the part at hand, all of them or as many as there are. */
  #take(): void {
    const bytes = this.#chunk.subarray(0, this.#left);
    this.#chunk = this.#chunk.subarray(bytes.length);
    this.#left -= bytes.length;
    if (FIELD_BYTES[this.#part] !== undefined) {
      for (const byte of bytes) {
        this.#field += byte * 256 ** this.#fieldBytes++;
      }
    }
    while (this.#left === 0) this.#endPart();
  }

  #endPart(): void {
    const value = this.#field;
    switch (this.#part) {
      case "magic":
        if (value === ZSTD_MAGIC_NUMBER) return this.#begin("descriptor");
        if (value - value % 16 === SKIPPABLE_NUMBER) {
          return this.#begin("skip-size");
        }
        throw damagedContent("zstd", "something else follows a frame");
      case "skip-size":
        return this.#begin("skipped", value);
      case "skipped":
      case "checksum":
        return this.#begin("magic");
      case "descriptor":
        this.#hasChecksum = (value & 0x04) !== 0;
        return this.#begin("header", headerBytes(value));
      case "header":
        return this.#begin("block-header");
      case "block-header": {
        const type = value >> 1 & 3;
        if (type === RESERVED_BLOCK) {
          throw damagedContent("zstd", "it has a reserved block");
        }
        this.#lastBlock = (value & 1) !== 0;
        return this.#begin("block", type === RLE_BLOCK ? 1 : value >> 3);
      }
      case "block":
        if (!this.#lastBlock) return this.#begin("block-header");
        return this.#begin("checksum", this.#hasChecksum ? 4 : 0);
    }
  }

  #begin(part: Part, bytes: number = FIELD_BYTES[part] ?? 0): void {
    this.#part = part;
    this.#left = bytes;
    this.#field = this.#fieldBytes = 0;
  }
}

/** What follows the descriptor: window, dictionary and content size, each if it is there. */
function headerBytes(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0;
  const dictionary = DICTIONARY_BYTES[descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const contentSize = sizeFlag === 0 ? (single ? 1 : 0) : 2 ** sizeFlag;
  return (single ? 0 : 1) + dictionary + contentSize;
}
