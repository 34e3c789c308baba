import { wrap } from "../wrap_text.ts";

/** Before escapes, so that source lines stay within 80 columns with them. */
const SOURCE_WIDTH = 60;

/**
 * Text as roff takes it: backslashes, hyphens and quotes mean themselves, and a dot at a line's
 * start is no request.
 */
export function roffText(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("~", "\\(ti")
    .replaceAll("^", "\\(ha")
    .replaceAll("`", "\\(ga")
    .replaceAll("'", "\\(aq")
    .replaceAll("…", "\\&...")
    .replaceAll("→", "\\(->")
    .replace(/^\./gm, "\\&.");
}

/** Prose in source lines of a moderate length. */
function filled(text: string): readonly string[] {
  return wrap(text, SOURCE_WIDTH).map(roffText);
}

/** A request of the man macros, its arguments quoted. */
export function request(name: string, ...args: readonly string[]): string {
  const quoted = args.map((arg) =>
    `"${roffText(arg).replaceAll('"', "\\(dq")}"`
  );
  return [`.${name}`, ...quoted].join(" ");
}

/** A paragraph with a tag that stands out: an option, a command, a variable. */
export function tagged(tag: string, text: string): readonly string[] {
  return [".TP", request("B", tag), ...filled(text)];
}

/** Lines that stay as they are. */
export function verbatim(lines: readonly string[]): readonly string[] {
  return [".PP", ".nf", ".RS 4", ...lines.map(roffText), ".RE", ".fi"];
}

/** Prose: a paragraph for each part between empty lines; indented lines stay as they are. */
export function paragraphs(text: string): readonly string[] {
  return text.split(/\n\n/).flatMap((part) => {
    const lines = part.split("\n");
    return lines.every((line) => line.startsWith("  "))
      ? verbatim(lines.map((line) => line.slice(2)))
      : [
        ".PP",
        ...lines.flatMap((line, index) =>
          index === 0 ? filled(line) : [".br", ...filled(line)]
        ),
      ];
  });
}
