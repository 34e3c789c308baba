import { type HeadFault, MAX_HEAD_BYTES } from "./request_head.ts";

/** What a server's connection is doing, which decides how long it may take. */
export type ConnectionState =
  | "idle"
  | "head"
  | "handling"
  | "writing"
  | "lingering";

/** Longest stay in each state without progress, in ms; handling takes what it takes. */
export type ConnectionLimits = Readonly<
  Record<Exclude<ConnectionState, "handling">, number>
>;

const TOO_LONG: HeadFault = { status: 431, reason: "the head is too long" };
const NO_HTTP: HeadFault = { status: 400, reason: "this is an HTTP server" };
const HEAD_END = [13, 10, 13, 10] as const;

/** One connection of a server: heads in, bytes out, and a deadline for either. */
export class Connection {
  readonly #conn: Deno.Conn;
  readonly #limits: ConnectionLimits;
  readonly #now: () => number;
  #buffer = new Uint8Array(4096);
  #filled = 0;
  #read: Promise<boolean> | undefined;
  #state: ConnectionState = "idle";
  #deadlineMs = Infinity;
  #bytesWritten = 0;
  #isClosed = false;
  #onClose: () => void = () => {};

  /** Owns the connection: {@linkcode close} closes it. */
  constructor(
    conn: Deno.Conn,
    limits: ConnectionLimits,
    now: () => number,
  ) {
    this.#conn = conn;
    this.#limits = limits;
    this.#now = now;
    this.enter("idle");
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Of all answers so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Address of the client. */
  get remote(): string {
    const { remoteAddr } = this.#conn;
    return "hostname" in remoteAddr ? remoteAddr.hostname : "";
  }

  /** Starts the time of a state. */
  enter(state: ConnectionState): void {
    this.#state = state;
    this.#deadlineMs = state === "handling"
      ? Infinity
      : this.#now() + this.#limits[state];
  }

  /** Whether its time is up. */
  isOverdue(nowMs: number): boolean {
    return nowMs > this.#deadlineMs;
  }

  /**
   * The next request's head as latin1, without the empty line at its end; undefined where the
   * client is gone. What can become no head is told at once: a client that tries TLS waits.
   */
  async readHead(): Promise<string | HeadFault | undefined> {
    let searched = 0;
    for (;;) {
      if (this.#filled > 0 && this.#state === "idle") this.enter("head");
      if (this.#filled > 0 && !isUpperCase(this.#buffer[0])) return NO_HTTP;
      const end = this.#findHeadEnd(searched);
      if (end !== undefined) return this.#take(end);
      if (this.#filled >= MAX_HEAD_BYTES) return TOO_LONG;
      searched = Math.max(0, this.#filled - HEAD_END.length + 1);
      if (!(await this.#more())) return undefined;
    }
  }

  /**
   * Resolves once the client has gone, or sends its next request already, which is then kept:
   * true where it has gone.
   */
  async isLeft(): Promise<boolean> {
    return this.#filled < MAX_HEAD_BYTES && !(await this.#more());
  }

  /** Has one told when it is closed from here, instead of whoever was to be told before. */
  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  /** Writes all bytes; each part that goes out is progress. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      this.enter("writing");
      const count = await this.#conn.write(rest);
      this.#bytesWritten += count;
      rest = rest.subarray(count);
    }
  }

  /**
   * Ends our side alone, and takes what still comes: were the connection closed over unread
   * bytes, its reset would take the answer from the client (RFC 9112, section 9.6).
   */
  async linger(): Promise<void> {
    this.enter("lingering");
    await this.#conn.closeWrite();
    do this.#filled = 0; while (await this.#more());
  }

  /** Ends it, whatever is under way. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
    this.#onClose();
  }

  /** One read at a time: whoever watches for the client's end shares it with the next head. */
  #more(): Promise<boolean> {
    return this.#read ??= this.#fill().finally(() => this.#read = undefined);
  }

  async #fill(): Promise<boolean> {
    if (this.#filled === this.#buffer.length) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    const count = await this.#conn.read(this.#buffer.subarray(this.#filled));
    if (count === null) return false;
    this.#filled += count;
    return true;
  }

  #findHeadEnd(from: number): number | undefined {
    for (let at = from; at + HEAD_END.length <= this.#filled; at++) {
      if (HEAD_END.every((byte, index) => this.#buffer[at + index] === byte)) {
        return at;
      }
    }
    return undefined;
  }

  #take(end: number): string {
    const head = String.fromCharCode(...this.#buffer.subarray(0, end));
    const rest = end + HEAD_END.length;
    this.#buffer.copyWithin(0, rest, this.#filled);
    this.#filled -= rest;
    return head;
  }
}

/** As every method begins. */
function isUpperCase(byte: number | undefined): boolean {
  return byte !== undefined && 0x41 <= byte && byte <= 0x5a;
}
