/** More than any registry sends. */
const MAX_HEADER_LENGTH = 16_384;

/** One link of a `Link` header (RFC 8288): its target as written, and its parameters by lower-case name. */
export interface Link {
  readonly target: string;
  readonly params: Readonly<Record<string, string>>;
}

/** The links of a header, up to the first that breaks the grammar. */
export function parseLinks(value: string | null): readonly Link[] {
  const links: Link[] = [];
  if (value === null || value.length > MAX_HEADER_LENGTH) return links;
  const scan = new Scanner(value);
  while (true) {
    const target = scan.take(/[\s,]*<([^<>\s]*)>/y);
    if (target === undefined) return links;
    links.push({ target, params: scanParams(scan) });
    if (scan.take(/[ \t]*(,)/y) === undefined) return links;
  }
}

/** The target of the first link whose `rel` has the word `next`, as written. */
export function findNextLink(value: string | null): string | undefined {
  return parseLinks(value).find((link) =>
    link.params.rel?.toLowerCase().split(/\s+/).includes("next")
  )?.target;
}

function scanParams(scan: Scanner): Record<string, string> {
  const params: Record<string, string> = Object.create(null);
  while (true) {
    const name = scan.take(/[ \t]*;[ \t]*([\w!#$%&'*+.^`|~-]+)/y)
      ?.toLowerCase();
    if (name === undefined) return params;
    const quoted = scan.take(/[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"/y);
    const text = quoted?.replace(/\\(.)/gs, "$1") ??
      scan.take(/[ \t]*=[ \t]*([^\s";,]*)/y) ?? "";
    params[name] ??= text; // RFC 8288, section 3.3: a second one counts for nothing
  }
}

/** Reads a text from left to right with sticky patterns, so in linear time. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The pattern's first group where it matches here; then what follows it is next. */
  take(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#text);
    if (match === null) return undefined;
    this.#at = sticky.lastIndex;
    return match[1];
  }
}
