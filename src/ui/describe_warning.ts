import { escapeText } from "../spec/escape_text.ts";

/** A warning as stderr shows it. */
export function describeWarning(message: string): string {
  return `dray: warning: ${escapeText(message)}`;
}
