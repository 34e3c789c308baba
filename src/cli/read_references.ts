import { UsageError } from "../errors.ts";
import { toLocalError } from "../io/local_error.ts";
import { isStdinPath } from "./standard_paths.ts";
import type { Stdio } from "./stdio.ts";

/** Some hundred thousand references; more is another kind of file. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;

/**
 * The references in a file: one a line, `#` begins a comment.
 *
 * @param path `-` is stdin.
 * @throws LocalError where it can't be read, UsageError where it is too large.
 */
export async function readReferences(
  path: string,
  stdio: Pick<Stdio, "stdin">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const stream = isStdinPath(path) ? stdio.stdin() : await openFile(path);
  return parseReferenceList(await readText(stream, path, signal));
}

/** The references of a list: one a line, `#` begins a comment. */
function parseReferenceList(text: string): readonly string[] {
  return text.split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

async function openFile(path: string): Promise<ReadableStream<Uint8Array>> {
  try {
    return (await Deno.open(path)).readable;
  } catch (error) {
    throw toLocalError(error, "read", path);
  }
}

async function readText(
  stream: ReadableStream<Uint8Array>,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const options = { signal, preventCancel: false };
  const sink = new WritableStream<Uint8Array>({
    write(chunk): void {
      bytes += chunk.length;
      if (bytes > MAX_LIST_BYTES) {
        throw new UsageError(
          "usage",
          `Cannot read references from "${path}": it has more than ${MAX_LIST_BYTES} bytes`,
        );
      }
      text += decoder.decode(chunk, { stream: true });
    },
  });
  try {
    await stream.pipeTo(sink, options);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw toLocalError(error, "read", path);
  }
  return text + decoder.decode();
}
