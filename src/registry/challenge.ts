/** One challenge of a `WWW-Authenticate` field (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case; the first of a repeated name counts. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The single unnamed value that some schemes use (`Negotiate abc=`). */
  readonly token68?: string;
}

/** A field longer than this is cut: no registry needs it, and headers are a stranger's text. */
const MAX_FIELD_LENGTH = 16_384;

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const SPACE = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;

/**
 * Reads the challenges of a `WWW-Authenticate` field, several fields joined by
 * commas as `Headers.get` gives them. Lenient: what isn't a challenge is
 * skipped up to the next comma. Linear in the field's length; never throws.
 *
 * @param field The field's value; `null` where there is none.
 */
export function parseChallenges(field: string | null): readonly Challenge[] {
  const scanner = new Scanner((field ?? "").slice(0, MAX_FIELD_LENGTH));
  const challenges: Challenge[] = [];
  scanner.take(SEPARATORS);
  while (!scanner.atEnd) {
    const challenge = readChallenge(scanner);
    if (challenge === undefined) scanner.skipItem();
    else challenges.push(challenge);
    scanner.take(SEPARATORS);
  }
  return challenges;
}

function readChallenge(scanner: Scanner): Challenge | undefined {
  const scheme = scanner.take(TOKEN).toLowerCase();
  if (scheme === "") return undefined;
  const spaced = scanner.take(SPACE) !== "";
  if (!spaced && !scanner.atEnd && !scanner.isNext(",")) return undefined;
  const parameters = new Map<string, string>();
  while (readParameter(scanner, parameters)) { /* each call takes one */ }
  if (parameters.size > 0) return { scheme, parameters };
  const token68 = scanner.take(TOKEN68);
  return token68 === ""
    ? { scheme, parameters }
    : { scheme, parameters, token68 };
}

/** Takes `name = value` and the comma before it; leaves the scanner alone where there is none. */
function readParameter(
  scanner: Scanner,
  parameters: Map<string, string>,
): boolean {
  const start = scanner.position;
  scanner.take(SEPARATORS);
  const name = scanner.take(TOKEN).toLowerCase();
  scanner.take(SPACE);
  if (name === "" || !scanner.takeChar("=")) return scanner.rewind(start);
  scanner.take(SPACE);
  const quoted = scanner.isNext('"');
  const value = quoted ? scanner.takeQuoted() : scanner.take(TOKEN);
  // `Negotiate abc=`: what looked like a name was a token68.
  if (!quoted && value === "") return scanner.rewind(start);
  scanner.take(SPACE);
  if (!scanner.atEnd && !scanner.isNext(",")) scanner.skipItem();
  if (!parameters.has(name)) parameters.set(name, value);
  return true;
}

class Scanner {
  position = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.#text.length;
  }

  isNext(char: string): boolean {
    return this.#text[this.position] === char;
  }

  take(sticky: RegExp): string {
    sticky.lastIndex = this.position;
    const found = sticky.exec(this.#text)?.[0] ?? "";
    this.position += found.length;
    return found;
  }

  takeChar(char: string): boolean {
    if (!this.isNext(char)) return false;
    this.position++;
    return true;
  }

  /** A quoted string from its opening quote on; one that never closes ends with the field. */
  takeQuoted(): string {
    let value = "";
    this.position++;
    while (!this.atEnd && !this.isNext('"')) {
      if (this.isNext("\\")) this.position++;
      value += this.#text[this.position] ?? "";
      this.position++;
    }
    this.position++;
    return value;
  }

  /** Moves to the next comma that is outside of quotes; always by one character at least. */
  skipItem(): void {
    while (!this.atEnd && !this.isNext(",")) {
      if (this.isNext('"')) this.takeQuoted();
      else this.position++;
    }
  }

  /** Goes back; the result lets a caller return in one statement. */
  rewind(position: number): false {
    this.position = position;
    return false;
  }
}
