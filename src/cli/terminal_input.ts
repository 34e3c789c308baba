/** A person at a keyboard. */
export interface TerminalInput {
  /** Asks on stderr and waits for a line; without echo for what nobody should see. */
  readonly ask: (
    question: string,
    options: { readonly echo: boolean },
  ) => Promise<string>;
}

/** The process's own terminal; undefined where stdin is none. */
export function findTerminalInput(
  writeError: (text: string) => void,
): TerminalInput | undefined {
  if (!Deno.stdin.isTerminal()) return undefined;
  return {
    ask: async (question, { echo }) => {
      writeError(question);
      if (echo) return await readLine(() => {});
      Deno.stdin.setRaw(true);
      try {
        return await readLine(() => writeError("\n"));
      } finally {
        Deno.stdin.setRaw(false);
      }
    },
  };
}

async function readLine(onEnd: () => void): Promise<string> {
  const { editLine }: typeof import("./ask_credentials.ts") = await import(
    "./ask_credentials.ts" as string
  );
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let line = "";
  try {
    while (true) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) return line;
      const typed = decoder.decode(buffer.subarray(0, count), { stream: true });
      const { text, ended } = editLine(line, typed);
      if (ended) return text;
      line = text;
    }
  } finally {
    onEnd();
  }
}
