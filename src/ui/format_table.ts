/** A column of {@linkcode formatTable}. */
export interface TableColumn {
  readonly title: string;
  /** Default: left. */
  readonly align?: "left" | "right";
  /**
   * Where its text is cut when the table is wider than the terminal, the last such column first.
   * Default: nowhere.
   */
  readonly cut?: "middle" | "end";
}

/** How wide a table may be. */
export interface TableOptions {
  /** Columns of the terminal; no limit without it. */
  readonly maxWidth?: number | undefined;
}

const GAP = "   ";
/** Nearly all there is, and its width is had for nothing. */
const ASCII = /^[ -~]*$/;
const MIN_SHRUNK_WIDTH = 12;

/**
 * Rows under upper-case titles, as `docker images` shows them. The text must be
 * free of control characters.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string[] {
  const titles = columns.map((column) => column.title.toUpperCase());
  const natural = titles.map(textWidth);
  // Thousands of rows are no rarity: of plain text the length is the width.
  const isPlain = titles.map(() => true);
  for (const row of rows) {
    for (let index = 0; index < row.length; index++) {
      const text = row[index] ?? "";
      const isAscii = ASCII.test(text);
      if (!isAscii) isPlain[index] = false;
      const width = isAscii ? text.length : textWidth(text);
      if (width > (natural[index] ?? 0)) natural[index] = width;
    }
  }
  const widths = fitWidths(columns, natural, options.maxWidth ?? Infinity);
  const layout = columns.map(({ align = "left", cut }, index) => ({
    align,
    truncate: cut === "middle" ? truncateMiddle : truncateText,
    width: widths[index] ?? 0,
    isPlain: isPlain[index] ?? false,
  }));
  return [titles, ...rows].map((row) => formatRow(layout, row));
}

interface ColumnLayout {
  readonly align: "left" | "right";
  readonly truncate: (text: string, width: number) => string;
  readonly width: number;
  /** Whether nothing in it is wider or narrower than it is long. */
  readonly isPlain: boolean;
}

/** The text cut to a width, with an ellipsis where something is gone. */
export function truncateText(text: string, width: number): string {
  if (text.length <= width) return text;
  const characters = [...text];
  if (characters.length <= width) return text;
  return width <= 0 ? "" : characters.slice(0, width - 1).join("") + "…";
}

/** The same, with its beginning and its end. */
function truncateMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const characters = [...text];
  if (characters.length <= width) return text;
  const start = Math.max(0, Math.floor((width - 1) / 2));
  const end = characters.slice(characters.length - (width - 1 - start));
  return [...characters.slice(0, start), "…", ...end].join("");
}

function formatRow(
  layout: readonly ColumnLayout[],
  row: readonly string[],
): string {
  const cells = layout.map(({ align, truncate, width, isPlain }, index) => {
    const text = truncate(row[index] ?? "", width);
    // The ellipsis is one character, too.
    const units = isPlain ? width : width + text.length - textWidth(text);
    return align === "right" ? text.padStart(units) : text.padEnd(units);
  });
  return cells.join(GAP).trimEnd();
}

function fitWidths(
  columns: readonly TableColumn[],
  natural: readonly number[],
  maxWidth: number,
): readonly number[] {
  const widths = [...natural];
  let excess = sum(widths) + GAP.length * (widths.length - 1) - maxWidth;
  for (let index = columns.length - 1; index >= 0 && excess > 0; index--) {
    if (columns[index]?.cut === undefined) continue;
    const width = widths[index] ?? 0;
    const shrunk = Math.max(Math.min(width, MIN_SHRUNK_WIDTH), width - excess);
    excess -= width - shrunk;
    widths[index] = shrunk;
  }
  return widths;
}

function textWidth(text: string): number {
  return ASCII.test(text) ? text.length : [...text].length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
