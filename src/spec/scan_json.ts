/** What {@linkcode findJsonFault} refuses beyond JSON's grammar. */
export interface ScanJsonOptions {
  /** Deepest nesting of arrays and objects; default 64. */
  readonly maxDepth?: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/gs;
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** An open object's keys so far, or undefined for an open array. */
type Level = Set<string> | undefined;

/**
 * Looks for what `JSON.parse` lets pass and two readers may read in two ways: a
 * key that stands twice in one object (CVE-2021-41190's family). Also for
 * nesting beyond reason. One pass, no recursion; text that is no JSON is left
 * for `JSON.parse` to refuse.
 *
 * @returns What is wrong, to go on after the document's name; undefined where nothing is.
 */
export function findJsonFault(
  text: string,
  options: ScanJsonOptions = {},
): { readonly duplicateKey: string } | { readonly depth: number } | undefined {
  const { maxDepth = 64 } = options;
  const levels: Level[] = [];
  let keyMayFollow = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = findStringEnd(text, i);
        if (keyMayFollow) {
          const key = decodeString(text.slice(i + 1, end));
          const keys = levels.at(-1);
          if (keys?.has(key)) return { duplicateKey: key };
          keys?.add(key);
        }
        keyMayFollow = false;
        i = end;
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (levels.length >= maxDepth) return { depth: maxDepth };
        keyMayFollow = text.charCodeAt(i) === OPEN_BRACE;
        levels.push(keyMayFollow ? new Set() : undefined);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        levels.pop();
        keyMayFollow = false;
        break;
      case COMMA:
        keyMayFollow = levels.at(-1) !== undefined;
        break;
    }
  }
  return undefined;
}

/** The index of the quotation mark that ends the string begun at `start`, or the text's length. */
function findStringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) i++;
  }
  return text.length;
}

function decodeString(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replace(
    ESCAPE,
    (_, hex: string | undefined, short = "") =>
      hex === undefined
        ? SHORT_ESCAPES.get(short) ?? short
        : String.fromCharCode(parseInt(hex, 16)),
  );
}
