/** Breaks text at blanks into lines of a width; a longer word stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    if (joined.length <= width) lines.splice(-1, 1, joined);
    else lines.push(word);
  }
  return lines;
}
