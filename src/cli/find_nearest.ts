/** A slip of the finger, or two in a longer word. */
const MAX_DISTANCE = 2;

/** Of some names, the one that a mistyped word most likely means; undefined where none is near. */
export function findNearest(
  typed: string,
  names: readonly string[],
): string | undefined {
  const word = typed.toLowerCase();
  let nearest: string | undefined;
  let least = Math.min(MAX_DISTANCE, Math.floor(word.length / 2)) + 1;
  for (const name of names) {
    const distance = distanceOf(word, name.toLowerCase(), least);
    if (distance < least) [least, nearest] = [distance, name];
  }
  return nearest ?? findByStart(word, names);
}

/** `plat` can only mean `platforms`. */
function findByStart(
  word: string,
  names: readonly string[],
): string | undefined {
  const [found, ...others] = word.length < 3
    ? []
    : names.filter((name) => name.toLowerCase().startsWith(word));
  return others.length === 0 ? found : undefined;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function distanceOf(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough;
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] &&
        a[i - 2] === b[j - 1];
      next[j] = Math.min(
        at(row, j) + 1,
        at(next, j - 1) + 1,
        at(row, j - 1) + cost,
        isSwap ? at(before, j - 2) + 1 : Infinity,
      );
    }
    [before, row] = [row, next];
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
