import { InterruptedError, UsageError } from "../errors.ts";
import { quoteText } from "../spec/escape_text.ts";
import type { Session } from "./session.ts";

/** What a person or a pipe says when asked who they are. */
export interface Answer {
  readonly username: string;
  readonly password: string;
}

/** How {@linkcode askCredentials} asks. */
export interface AskOptions {
  readonly username: string | undefined;
  /** The whole of stdin is the password. */
  readonly passwordStdin: boolean;
}

/** Tokens of clouds have some thousand characters. */
const MAX_PASSWORD_BYTES = 64 * 1024;
const END_OF_TEXT = "\x03";
const END_OF_TRANSMISSION = "\x04";

/**
 * Asks for what is not given: on a terminal, or the password from a pipe.
 *
 * @throws UsageError usage, where there is nobody to ask.
 */
export async function askCredentials(
  session: Session,
  options: AskOptions,
): Promise<Answer> {
  const { username, passwordStdin } = options;
  if (username !== undefined) checkUsername(username);
  if (passwordStdin) {
    if (username === undefined) throw cannotAsk("user name", "-u USER");
    return { username, password: await readPassword(session) };
  }
  const { terminal } = session.host.stdio;
  if (terminal === undefined) throw cannotAsk("password", "--password-stdin");
  const given = username ?? await terminal.ask("User name: ", { echo: true });
  checkUsername(given);
  const password = await terminal.ask("Password: ", { echo: false });
  if (given === "" || password === "") {
    throw new UsageError("usage", "Cannot log in: an answer is empty");
  }
  return { username: given, password };
}

/** RFC 7617, section 2: the server would take what follows the colon for the password. */
function checkUsername(username: string): void {
  if (!username.includes(":")) return;
  throw new UsageError(
    "usage",
    `Cannot log in as ${
      quoteText(username)
    }: a user name must not have a colon in it`,
  );
}

async function readPassword(session: Session): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of session.host.stdio.stdin()) {
    text += decoder.decode(chunk, { stream: true });
    session.signal.throwIfAborted();
    if (text.length > MAX_PASSWORD_BYTES) {
      throw new UsageError(
        "usage",
        "Cannot log in: stdin is too long for a password",
      );
    }
  }
  // The line feed is echo's, not the password's.
  const password = text.replace(/\r?\n$/, "");
  if (password !== "") return password;
  throw new UsageError("usage", "Cannot log in: stdin holds no password");
}

function cannotAsk(what: string, option: string): UsageError {
  return new UsageError(
    "usage",
    `Cannot ask for the ${what}: stdin is not a terminal`,
    { hint: `give it with ${option}` },
  );
}

/** What a line editor makes of typed characters. */
export interface EditedLine {
  readonly text: string;
  readonly ended: boolean;
}

/**
 * A line after more characters were typed on a terminal without echo.
 *
 * @throws InterruptedError where Ctrl-C, or Ctrl-D on an empty line, is among them.
 */
export function editLine(line: string, typed: string): EditedLine {
  let text = line;
  for (const character of typed) {
    if (character === "\r" || character === "\n") return { text, ended: true };
    const isEnd = character === END_OF_TRANSMISSION && text === "";
    if (character === END_OF_TEXT || isEnd) {
      throw new InterruptedError("interrupted", "Cannot go on: interrupted");
    }
    if (character === "\x7f" || character === "\b") {
      text = [...text].slice(0, -1).join("");
    } else if (character >= " ") text += character;
  }
  return { text, ended: false };
}
