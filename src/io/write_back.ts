/** Bytes between two requests to write them to the disk. */
const EVERY_BYTES = 32 << 20;

/**
 * Has a file written to the disk while its bytes still arrive, so that the sync at the end finds
 * little left to do.
 */
export class WriteBack {
  readonly #file: Pick<Deno.FsFile, "syncData">;
  readonly #enabled: boolean;
  #bytes = 0;
  #running: Promise<void> | undefined;
  #failure: unknown;

  constructor(
    file: Pick<Deno.FsFile, "syncData">,
    { enabled }: { readonly enabled: boolean },
  ) {
    this.#file = file;
    this.#enabled = enabled;
  }

  /** Tells of bytes that were written. */
  wrote(bytes: number): void {
    this.#bytes += bytes;
    if (!this.#enabled || this.#bytes < EVERY_BYTES) return;
    if (this.#running !== undefined) return;
    this.#bytes = 0;
    this.#running = this.#file.syncData()
      .catch((error) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Waits for what runs in the background. */
  async stop(): Promise<void> {
    await this.#running;
  }

  /** Makes all bytes durable. */
  async finish(): Promise<void> {
    await this.#running;
    // The kernel tells of a failed write-back once: a later sync would succeed, over a lost page.
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#enabled) await this.#file.syncData();
  }
}
