import { delay } from "./delay.ts";
import { mustRun, runCommand } from "./run_command.ts";
import { tempDir } from "./temp_dir.ts";

/** How {@linkcode startTmux} starts. */
export interface TmuxOptions {
  /** What runs in the terminal; the window stays when it ends. */
  readonly command: readonly string[];
  /** All that the command has of an environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** A real terminal that nobody sees; disposing it ends what runs in it. */
export interface Tmux extends AsyncDisposable {
  /** Types keys, as tmux names them: `C-c`, `Tab`, or text. */
  keys(...keys: readonly string[]): Promise<void>;
  /** Types text as it is. */
  type(text: string): Promise<void>;
  /** What is on the screen, without blanks at the ends of lines and of the screen. */
  screen(options?: { readonly colors?: boolean }): Promise<string>;
  /** Waits until the screen looks so; an error with the screen after half a minute. */
  waitFor(pattern: RegExp): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  cursorIsVisible(): Promise<boolean>;
  /** Sends the command a signal. */
  kill(signal: Deno.Signal): Promise<void>;
}

const POLL_MS = 40;
const DEADLINE_MS = 30_000;

/** Starts a command in a terminal of tmux: `await using tmux = await startTmux(…)`. */
export async function startTmux(options: TmuxOptions): Promise<Tmux> {
  const { command, env = {}, columns = 80, rows = 24 } = options;
  const dir = await tempDir("dray-tmux-");
  const server = ["-S", dir.join("socket"), "-f", "/dev/null"];
  const tmux = (...args: readonly string[]): Promise<string> =>
    mustRun("tmux", [...server, ...args], {
      env: { LC_ALL: "C.UTF-8", TERM: "xterm-256color" },
    });
  const variables = Object.entries({
    TERM: "tmux-256color",
    LC_ALL: "C.UTF-8",
    ...env,
  }).map(([name, value]) => `${name}=${value}`);
  const line = ["env", "-i", ...variables, ...command].map(quote).join(" ");
  const size = ["-x", String(columns), "-y", String(rows)];
  const keep = ["set", "-g", "remain-on-exit", "on", ";"];
  await tmux(...keep, "new-session", "-d", ...size, line);
  const screen: Tmux["screen"] = async ({ colors = false } = {}) => {
    const text = await tmux("capture-pane", "-p", ...(colors ? ["-e"] : []));
    return text.replace(/[ \t]+$/gm, "").trimEnd();
  };
  return {
    keys: async (...keys) => void await tmux("send-keys", ...keys),
    type: async (text) => void await tmux("send-keys", "-l", text),
    screen,
    waitFor: (pattern) => waitUntil(screen, pattern),
    async kill(signal) {
      const pid = Number(await tmux("display", "-p", "#{pane_pid}"));
      const children = `/proc/${pid}/task/${pid}/children`;
      // The program, not the shell that tells how it ended.
      const [child] = (await Deno.readTextFile(children)).trim().split(" ");
      Deno.kill(child ? Number(child) : pid, signal);
    },
    resize: async (width, height) =>
      void await tmux(
        "resize-window",
        "-x",
        String(width),
        "-y",
        String(height),
      ),
    cursorIsVisible: async () =>
      (await tmux("display", "-p", "#{cursor_flag}")).trim() === "1",
    async [Symbol.asyncDispose]() {
      await runCommand("tmux", [...server, "kill-server"]);
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function waitUntil(
  look: () => Promise<string>,
  pattern: RegExp,
): Promise<string> {
  const endMs = Date.now() + DEADLINE_MS;
  for (;;) {
    const text = await look();
    if (pattern.test(text)) return text;
    if (Date.now() > endMs) throw new Error(`no ${pattern} in:\n${text}`);
    await delay(POLL_MS, AbortSignal.timeout(DEADLINE_MS));
  }
}

/** A word for a shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
