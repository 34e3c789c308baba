import { parseCount } from "./parse_count.ts";

const MAX_CONNECTIONS = 64;

/**
 * Parses the value of `--max-connections`.
 *
 * @throws UsageError usage
 */
export function parseConnections(text: string): number {
  return parseCount(text, { min: 1, max: MAX_CONNECTIONS });
}
