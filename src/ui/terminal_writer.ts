import { visibleWidth } from "./palette.ts";

/** Where a {@linkcode TerminalWriter} draws. */
export interface TerminalSurface {
  /** Writes at once; a terminal that is gone is no error. */
  readonly write: (text: string) => void;
  /** The size now; it may change between two calls. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

const CLEAR_TO_END_OF_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/**
 * A block of lines at the bottom of the terminal that is drawn again in place.
 * The only code that moves the cursor. It never hides it: however the program ends, also by
 * SIGKILL, the terminal is as it was.
 */
export class TerminalWriter implements Disposable {
  readonly #surface: TerminalSurface;
  #drawn: readonly string[] = [];
  #columns = 0;

  constructor(surface: TerminalSurface) {
    this.#surface = surface;
  }

  /** Shows these lines in place of those shown before, in one write; of lines that stay, nothing. */
  draw(lines: readonly string[]): void {
    if (lines.length === 0) return this.clear();
    const { columns } = this.#surface.size();
    const isSameShape = lines.length === this.#drawn.length &&
      columns === this.#columns;
    const text = isSameShape ? this.#change(lines) : this.#redraw(lines);
    if (text !== "") this.#surface.write(text);
    this.#drawn = lines;
    this.#columns = columns;
  }

  /** Takes the block away, so that others may write. */
  clear(): void {
    if (this.#drawn.length > 0) {
      this.#surface.write(this.#toTop() + CLEAR_BELOW);
    }
    this.#drawn = [];
  }

  /** Others have written below the block: it stays where it is, and the next is drawn anew. */
  forget(): void {
    this.#drawn = [];
  }

  /** Writes text that stays, above the block. */
  print(text: string): void {
    const lines = this.#drawn;
    this.clear();
    this.#surface.write(text + "\n");
    this.draw(lines);
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #redraw(lines: readonly string[]): string {
    const body = lines.map((line) => line + CLEAR_TO_END_OF_LINE + "\n");
    return this.#toTop() + body.join("") + CLEAR_BELOW;
  }

  /** From the first line that is another to the end; lines between that stay are passed over. */
  #change(lines: readonly string[]): string {
    const first = lines.findIndex((line, index) => line !== this.#drawn[index]);
    if (first < 0) return "";
    const rest = lines.slice(first).map((line, index) =>
      line === this.#drawn[first + index]
        ? "\n"
        : line + CLEAR_TO_END_OF_LINE + "\n"
    );
    return `\x1b[${rest.length}A\r` + rest.join("");
  }

  /** A terminal that became narrower has wrapped what stood there. */
  #toTop(): string {
    const { columns } = this.#surface.size();
    const rows = this.#drawn.reduce(
      (sum, line) =>
        sum + Math.max(1, Math.ceil(visibleWidth(line) / Math.max(1, columns))),
      0,
    );
    return rows === 0 ? "" : `\x1b[${rows}A\r`;
  }
}
