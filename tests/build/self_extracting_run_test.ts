import assert from "node:assert/strict";
import { runCommand, spawnCommand } from "../testing/run_command.ts";
import { requirePeers } from "../testing/peers.ts";
import { FOREIGN_VARIABLES } from "../../.build/self_extracting_head.ts";
import { fakeExecutable } from "./fake_executable.ts";

const shells = await requirePeers("dash", "busybox", "zsh");

const SHELLS: readonly (readonly string[])[] = [
  ["dash"],
  ["bash"],
  ["bash", "--posix"],
  ["busybox", "sh"],
  ["zsh", "--emulate", "sh"],
];

for (const shell of SHELLS) {
  const [name = "", ...flags] = shell;
  shells.test(`a self-extracting file under ${shell.join(" ")} hands on arguments, stdin and exit code, at the first run and later`, async () => {
    await using dray = await fakeExecutable();
    const options = { env: dray.env, clearEnv: true };
    const args = [
      "args",
      "two words",
      "",
      "*",
      "-n",
      "two\nlines",
      "$HOME",
      "'",
    ];
    for (const run of ["first", "later"]) {
      const all = [...flags, dray.path];
      const { stdout, stderr, code } = await runCommand(
        name,
        [...all, ...args],
        options,
      );
      assert.deepEqual([run, code, stderr], [run, 0, ""]);
      assert.equal(stdout, "<two words><><*><-n><two\nlines><$HOME><'>");
      const exit = await runCommand(name, [...all, "exit", "130"], options);
      assert.equal(exit.code, 130);
      const stdin = "line 1\nno end";
      const read = await runCommand(name, [...all, "stdin"], {
        ...options,
        stdin,
      });
      assert.equal(read.stdout, stdin);
    }
  });
}

Deno.test("a self-extracting file becomes the program: same process, its signals, the caller's umask", async () => {
  await using dray = await fakeExecutable();
  const options = { env: dray.env, clearEnv: true };
  for (const _run of ["first", "later"]) {
    await using child = spawnCommand(dray.path, ["pid"], options);
    assert.equal((await child.result).stdout, `${child.pid}\n`);
    const ended = await runCommand(dray.path, ["signal", "TERM"], options);
    assert.equal(ended.signal, "SIGTERM");
    const umask = ["-c", 'umask 027; exec "$0" umask', dray.path];
    const { stdout } = await runCommand("sh", umask, options);
    assert.equal(stdout.trim().padStart(4, "0"), "0027");
  }
});

Deno.test("a self-extracting file starts through links, PATH, relative paths and folders with spaces", async () => {
  await using dray = await fakeExecutable();
  const folder = dray.join("a folder\nof mine");
  await Deno.mkdir(folder);
  await Deno.copyFile(dray.path, `${folder}/dray`);
  await Deno.symlink("dray", `${folder}/-linked`);
  const path = `${folder}:${Deno.env.get("PATH")}`;
  const ways: readonly (readonly [string, readonly string[], string])[] = [
    [`${folder}/dray`, [], "/"],
    ["./dray", [], folder],
    ["./-linked", [], folder],
    ["sh", ["dray"], folder],
    ["sh", ["-c", 'exec "$0" "$@"', "dray"], "/"],
    ["sh", ["-c", 'exec "$0" "$@"', "-linked"], "/"],
  ];
  for (const [program, args, cwd] of ways) {
    await Deno.remove(dray.cache, { recursive: true }).catch(() => {});
    const env = { ...dray.env, PATH: path };
    const started = await runCommand(
      "sh",
      ["-c", 'cd "$0" && exec "$@"', cwd, program, ...args, "args", "x"],
      { env, clearEnv: true },
    );
    assert.deepEqual([started.stdout, started.stderr], ["<x>", ""]);
  }
});

Deno.test("a self-extracting file keeps what is meant for another Deno from its own", async () => {
  await using dray = await fakeExecutable();
  const foreign = Object.fromEntries(
    FOREIGN_VARIABLES.map((name) => [name, "1"]),
  );
  const env = { ...dray.env, ...foreign, DENO_DIR: "/mine", KEPT: "yes" };
  const { stdout } = await runCommand(dray.path, ["env"], {
    env,
    clearEnv: true,
  });
  const seen = new Map(
    stdout.split("\n").map((line) => line.split("=", 2) as [string, string]),
  );
  assert.deepEqual(FOREIGN_VARIABLES.filter((name) => seen.has(name)), []);
  assert.equal(seen.get("KEPT"), "yes");
  assert.match(seen.get("DENO_DIR") ?? "", /\/cache\/[0-9a-f]{64}\/deno$/);
});

Deno.test("FOREIGN_VARIABLES has every variable that deno --help knows", async () => {
  const { stdout } = await runCommand(Deno.execPath(), ["--help"], {
    env: { NO_COLOR: "1" },
  });
  const known = [...stdout.matchAll(/^ {2}(DENO_\w+)/gm)]
    .map(([, name = ""]) => name);
  assert(known.includes("DENO_V8_FLAGS"));
  const set = ["DENO_DIR", "DENO_NO_PACKAGE_JSON", "DENO_NO_UPDATE_CHECK"];
  const handled = new Set([...FOREIGN_VARIABLES, ...set]);
  assert.deepEqual(known.filter((name) => !handled.has(name)), []);
});
