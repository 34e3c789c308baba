import { visibleWidth } from "./palette.ts";

/** Where a {@linkcode TerminalWriter} draws. */
export interface TerminalSurface {
  /** Writes at once; a terminal that is gone is no error. */
  readonly write: (text: string) => void;
  /** The size now; it may change between two calls. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_TO_END_OF_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/**
 * A block of lines at the bottom of the terminal that is drawn again in place.
 * The only code that moves the cursor.
 */
export class TerminalWriter implements Disposable {
  readonly #surface: TerminalSurface;
  #drawn: readonly string[] = [];
  #cursorHidden = false;

  constructor(surface: TerminalSurface) {
    this.#surface = surface;
  }

  /** Shows these lines in place of those shown before, in one write. */
  draw(lines: readonly string[]): void {
    if (lines.length === 0) return this.clear();
    const hide = this.#cursorHidden ? "" : HIDE_CURSOR;
    const body = lines.map((line) => line + CLEAR_TO_END_OF_LINE + "\n");
    this.#surface.write(hide + this.#toTop() + body.join("") + CLEAR_BELOW);
    this.#cursorHidden = true;
    this.#drawn = lines;
  }

  /** Takes the block away and shows the cursor, so that others may write. */
  clear(): void {
    const show = this.#cursorHidden ? SHOW_CURSOR : "";
    const erase = this.#drawn.length > 0 ? this.#toTop() + CLEAR_BELOW : "";
    this.#drawn = [];
    this.#cursorHidden = false;
    if (erase + show !== "") this.#surface.write(erase + show);
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
