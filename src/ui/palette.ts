/** Paints text, or leaves it as it is where colour is off. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
}

/** A palette that paints with the terminal's own 8 colours, or not at all. */
export function createPalette(color: boolean): Palette {
  const paint = (on: number, off: number) => (text: string): string =>
    color && text !== "" ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    green: paint(32, 39),
    cyan: paint(36, 39),
    yellow: paint(33, 39),
    red: paint(31, 39),
  };
}

// deno-lint-ignore no-control-regex
const SGR = /\x1b\[[0-9;]*m/g;

/** Columns that a painted line takes on the screen. */
export function visibleWidth(line: string): number {
  return [...line.replace(SGR, "")].length;
}
