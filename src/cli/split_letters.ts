/** The one-letter options, of whatever command, whose value may follow in the same word. */
const VALUED: ReadonlyMap<string, string> = new Map([
  ["-o", "--output"],
  ["-u", "--username"],
]);

/**
 * Takes one-letter options apart that stand in one word, as getopt does: `-qh` is `-q -h`, and
 * `-qoFILE` is `-q -o FILE`. What is behind `--` stays as it is.
 */
export function splitLetters(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return args.flatMap((word, index) =>
    end >= 0 && index >= end || !/^-[A-Za-z]./.test(word)
      ? [word]
      : splitWord(word)
  );
}

function splitWord(word: string): readonly string[] {
  const option = word.slice(0, 2);
  const rest = word.slice(2);
  if (rest === "" || rest.startsWith("=")) return [word];
  const long = VALUED.get(option);
  // A word of its own that begins so would pass for an option.
  if (long !== undefined && /^-./.test(rest)) return [`${long}=${rest}`];
  if (long !== undefined) return [option, rest];
  return /^[A-Za-z]/.test(rest) ? [option, ...splitWord(`-${rest}`)] : [word];
}
