/** Gives memory to fill, all of which is free. */
export type TakeMemory = () => Promise<Uint8Array<ArrayBuffer>>;

/** Collects bytes in memory that somebody else provides. */
export class ChunkMemory {
  readonly #take: TakeMemory;
  #memory: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;

  constructor(take: TakeMemory) {
    this.#take = take;
  }

  /** Where the next bytes go: never empty. */
  async room(): Promise<Uint8Array<ArrayBuffer>> {
    this.#memory ??= await this.#take();
    return this.#memory.subarray(this.#used);
  }

  /** Tells that the first bytes of the room were filled. @returns whether there is none left. */
  fill(bytes: number): boolean {
    this.#used += bytes;
    return this.#used === this.#memory?.length;
  }

  /** What was filled, whose memory is the caller's now; undefined for nothing. */
  flush(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#used === 0) return undefined;
    const filled = this.#memory?.subarray(0, this.#used);
    this.#memory = undefined;
    this.#used = 0;
    return filled;
  }
}

/** The same bytes in memory that is taken for them, as many together as there is room for. */
export async function* packChunks(
  chunks: AsyncIterable<Uint8Array>,
  take: TakeMemory,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const memory = new ChunkMemory(take);
  for await (const chunk of chunks) {
    for (let rest = chunk; rest.length > 0;) {
      const room = await memory.room();
      const piece = rest.subarray(0, room.length);
      room.set(piece);
      rest = rest.subarray(piece.length);
      const full = memory.fill(piece.length) ? memory.flush() : undefined;
      if (full !== undefined) yield full;
    }
  }
  const last = memory.flush();
  if (last !== undefined) yield last;
}
