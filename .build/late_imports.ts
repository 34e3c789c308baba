/**
 * Hides what is imported late from Deno, which would read every file that a literal names, and
 * all that those import, before the program begins: with 160 pieces that takes as long as
 * everything else in `dray --version`.
 *
 * @param text JavaScript as the bundler writes it.
 */
export function hideLateImports(text: string): string {
  return text.replaceAll(/\bimport\("(\.[^"]+)"\)/g, 'import("" + "$1")');
}
