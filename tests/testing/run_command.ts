/** How a program ended. */
export interface CommandResult {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode runCommand}. */
export interface RunOptions {
  /** Default: empty. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the environment is just `env`. Default: false. */
  readonly clearEnv?: boolean;
  readonly cwd?: string;
}

/** Runs a program to its end, whatever that is. */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  await using child = spawnCommand(program, args, options);
  return await child.result;
}

/** Runs a program that has to succeed; throws with its stderr where it does not. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await runCommand(program, args, options);
  if (result.code !== 0) {
    throw new Error(
      `${program} ${
        args.join(" ")
      } exited with ${result.code}: ${result.stderr}`,
    );
  }
  return result.stdout;
}

/** A program on its way; disposing kills it if it is still there. */
export interface RunningCommand extends AsyncDisposable {
  readonly pid: number;
  readonly result: Promise<CommandResult>;
  kill(signal?: Deno.Signal): void;
  /** What came on stdout so far. */
  readonly stdout: string;
  /** What came on stderr so far. */
  readonly stderr: string;
  /** Resolves once stdout so far matches; rejects when the program ends without. */
  stdoutMatches(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves once stderr so far matches; rejects when the program ends without. */
  stderrMatches(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts a program. */
export function spawnCommand(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): RunningCommand {
  const child = new Deno.Command(program, {
    args: [...args],
    ...options.env === undefined ? {} : { env: { ...options.env } },
    ...options.cwd === undefined ? {} : { cwd: options.cwd },
    clearEnv: options.clearEnv ?? false,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = new TextGatherer(child.stdout);
  const stderr = new TextGatherer(child.stderr);
  const result = finish(child, options.stdin, stdout, stderr);
  function kill(signal: Deno.Signal = "SIGTERM"): void {
    try {
      child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // It has ended already.
    }
  }
  return {
    pid: child.pid,
    result,
    get stdout() {
      return stdout.text;
    },
    get stderr() {
      return stderr.text;
    },
    stdoutMatches: (pattern) => stdout.matches(pattern),
    stderrMatches: (pattern) => stderr.matches(pattern),
    kill,
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await result;
    },
  };
}

async function finish(
  child: Deno.ChildProcess,
  stdin: string | undefined,
  stdout: TextGatherer,
  stderr: TextGatherer,
): Promise<CommandResult> {
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    // A program that ends without reading its input is no failure of the test kit.
    await writer.write(new TextEncoder().encode(stdin)).catch(() => undefined);
    await writer.close().catch(() => undefined);
  }
  const [status] = await Promise.all([child.status, stdout.done, stderr.done]);
  return {
    code: status.code,
    signal: status.signal,
    stdout: stdout.text,
    stderr: stderr.text,
  };
}

/** Collects a stream's text, and says when something has come. */
class TextGatherer {
  text = "";
  readonly done: Promise<void>;
  #arrived = Promise.withResolvers<void>();
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.done = this.#gather(stream);
  }

  async matches(pattern: RegExp): Promise<RegExpExecArray> {
    while (true) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      if (this.#ended) {
        throw new Error(`the program ended without ${pattern}: ${this.text}`);
      }
      await this.#arrived.promise;
    }
  }

  async #gather(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      this.text += piece;
      this.#announce();
    }
    this.#ended = true;
    this.#announce();
  }

  #announce(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers<void>();
  }
}
