import { hashBytes } from "../src/io/hash.ts";

/** A piece's name: a stem, and a hash of more than its content. */
const PIECE = /[\w.-]+-[A-Z0-9]{8}(?=\.js\b)/g;
const HASH_LENGTH = 8;
const encoder = new TextEncoder();

/**
 * Gives the pieces of a bundle names that depend on nothing but what is in the bundle. The
 * bundler's depend on the folder that the sources are in as well, so that nobody else
 * could build the same bytes.
 *
 * @param files Text by name: `chunk-2RIDBWK5.js`.
 * @throws RangeError when two pieces can't be told apart
 */
export function stableNames(
  files: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  let names: ReadonlyMap<string, string> = new Map(
    [...files.keys()].flatMap((name) => name.match(PIECE) ?? [])
      .map((piece) => [piece, stemOf(piece)]),
  );
  // Each round tells pieces apart by what they import, one step further down.
  for (let round = 0; round === 0 || !areDistinct(names); round++) {
    if (round > names.size) {
      throw new RangeError("Two pieces of the bundle are the same");
    }
    names = refine(files, names);
  }
  return new Map(
    [...files].map((
      [name, text],
    ) => [rename(name, names), rename(text, names)]),
  );
}

function areDistinct(names: ReadonlyMap<string, string>): boolean {
  return new Set(names.values()).size === names.size;
}

function refine(
  files: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(
    [...names.keys()].map((piece) => {
      const text = rename(files.get(`${piece}.js`) ?? "", names);
      const hash = hashBytes("sha256", encoder.encode(text))
        .slice("sha256:".length).slice(0, HASH_LENGTH).toUpperCase();
      return [piece, `${stemOf(piece)}-${hash}`];
    }),
  );
}

function stemOf(piece: string): string {
  return piece.slice(0, -HASH_LENGTH - 1);
}

function rename(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(PIECE, (piece) => names.get(piece) ?? piece);
}
