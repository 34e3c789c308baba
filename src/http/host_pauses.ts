/** Since when and why a host is left alone. */
interface Pause {
  readonly untilMs: number;
  readonly reason: string;
}

/** How long each host asked to be left alone; shared by all requests of a transport. */
export class HostPauses {
  readonly #pauses = new Map<string, Pause>();
  readonly #now: () => number;

  /** @param now A clock in ms that only runs forward. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Leaves a host alone for a time from now; a longer pause that holds already stays. */
  pause(host: string, delayMs: number, reason: string): void {
    if (delayMs <= this.remaining(host).delayMs) return;
    this.#pauses.set(host, { untilMs: this.#now() + delayMs, reason });
  }

  /** What is left of a host's pause; 0 ms where it may be asked. */
  remaining(
    host: string,
  ): { readonly delayMs: number; readonly reason: string } {
    const pause = this.#pauses.get(host);
    const delayMs = pause === undefined ? 0 : pause.untilMs - this.#now();
    if (pause !== undefined && delayMs > 0) {
      return { delayMs, reason: pause.reason };
    }
    this.#pauses.delete(host);
    return { delayMs: 0, reason: "" };
  }
}
