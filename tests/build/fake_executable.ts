import { selfExtractingFile } from "../../.build/self_extracting_file.ts";
import { tempDir } from "../testing/temp_dir.ts";

/** In Deno's place: says what it was started with, or does what the first argument asks for. */
const PROGRAM = `#!/bin/sh
[ "$1" = --version ] && { [ -z "\${WAIT_FOR-}" ] || read -r _ <"$WAIT_FOR"; exit 0; }
while [ "$1" != --config ]; do shift; done
config=$2 main=$4
shift 4
case \${1-} in
  args) shift; for arg do printf '<%s>' "$arg"; done ;;
  exit) exit "$2" ;;
  stdin) cat ;;
  env) env ;;
  pid) echo $$ ;;
  umask) umask ;;
  signal) kill -s "$2" $$ ;;
  where) echo "$0"; cat "$main" "$config" ;;
esac
`;

/** A self-extracting file with a small program in Deno's place. */
export interface FakeExecutable extends AsyncDisposable {
  readonly path: string;
  /** Where it unpacks to when `env` is used. */
  readonly cache: string;
  /** The environment for it: no more than a shell needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Joins names to the path of a folder that is its own. */
  join(...names: readonly string[]): string;
}

/** Options of {@linkcode fakeExecutable}. */
export interface FakeExecutableOptions {
  /** Default: any. */
  readonly machines?: string;
  /** Default: a shell script that answers what the tests ask. */
  readonly program?: string;
  /** Text of main.js. Default: `main`. */
  readonly main?: string;
}

/** Makes one: `await using dray = await fakeExecutable()`. */
export async function fakeExecutable(
  { machines = "*", program = PROGRAM, main = "main\n" }:
    FakeExecutableOptions = {},
): Promise<FakeExecutable> {
  const dir = await tempDir();
  const path = dir.join("dray");
  await writeFakeExecutable(path, { machines, program, main });
  const cache = dir.join("cache");
  return {
    path,
    cache,
    env: { PATH: Deno.env.get("PATH") ?? "", DRAY_CACHE: cache },
    join: dir.join,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

async function writeFakeExecutable(
  path: string,
  { machines, program, main }: Required<FakeExecutableOptions>,
): Promise<void> {
  const files = [
    { path: "main.js", content: main },
    { path: "deno.json", content: "{}\n" },
    { path: "run_df.js", content: "df\n" },
    { path: "src/unpack/worker.js", content: "work\n" },
  ];
  const bytes = await selfExtractingFile({
    target: "test-machine",
    machines,
    program,
    files,
  });
  await Deno.writeFile(path, bytes, { mode: 0o755 });
}
