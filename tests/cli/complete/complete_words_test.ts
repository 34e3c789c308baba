import assert from "node:assert/strict";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { flagText } from "../../../src/cli/global_flags.ts";
import { kindOfPlaceholder } from "../../../src/cli/complete/value_kind.ts";
import { familiarName } from "../../../src/cli/complete/stored_names.ts";
import { runInProcess } from "../fake_host.ts";
import { tempDir } from "../../testing/temp_dir.ts";

/** What is proposed for the last word of a line, without what it means. */
async function propose(
  line: string,
  environment: Record<string, string> = {},
): Promise<readonly string[]> {
  const words = line.split(" ");
  const current = words.pop() ?? "";
  const { code, stdout, stderr } = await runInProcess(
    ["__complete", `=${current}`, ...words],
    { environment },
  );
  assert.deepEqual([code, stderr], [0, ""], line);
  const [paths = "", ...lines] = stdout.trimEnd().split("\n");
  const values = lines.map((text) => text.split("\t", 1)[0] ?? "");
  return paths === ":none" ? values : [paths, ...values];
}

/** A store's index.json, as far as completion looks at it. */
async function writeIndex(
  dir: string,
  names: readonly unknown[],
): Promise<void> {
  const manifests = names.map((name) => ({
    annotations: { "org.opencontainers.image.ref.name": name },
  }));
  await Deno.writeTextFile(`${dir}/index.json`, JSON.stringify({ manifests }));
}

const PROPOSALS: readonly (readonly [line: string, values: string])[] = [
  ["pul", "pull"],
  ["p", "pull prune"],
  ["hel", "help"],
  ["-q pul", "pull"],
  ["--store /x pul", "pull"],
  ["--progress json --json ima", "images"],
  ["--vers", "--version"],
  ["nope ", ""],
  ["nope -", ""],
  ["__proto__ ", ""],
  ["help pru", "prune"],
  ["help --m", "--man"],
  ["help pull ", ""],
  ["pull --max-c", "--max-connections"],
  ["pull --dry-run --dry", ""],
  ["pull --platform linux/amd64 --platf", "--platform"],
  ["pull --nope --dry", "--dry-run"],
  ["pull --platform linux/arm/", "linux/arm/v7 linux/arm/v6"],
  ["pull --platform=linux/risc", "--platform=linux/riscv64"],
  ["pull --progress ", "auto tty plain json none"],
  ["--progress pl", "plain"],
  ["pull --log-level=d", "--log-level=debug"],
  ["pull --force=", ""],
  ["pull --nope=", ""],
  ["pull --max-connections ", ""],
  ["pull -u ", ""],
  ["pull --from-file ", ":files"],
  ["pull --from-file=/e", ":files"],
  ["pull --ca-file ", ":files"],
  ["images --store ", ":folders"],
  ["unpack alpine ", ":folders"],
  ["unpack alpine dir ", ""],
  ["pull -- --fo", ""],
  ["completions ", "bash zsh fish powershell"],
  ["completions bash ", ""],
  ["login ", "docker.io"],
];

for (const [line, values] of PROPOSALS) {
  Deno.test(`dray __complete proposes for "dray ${line}"`, async () => {
    const got = await propose(line);
    const global = values === "" ? got.filter((one) => one[0] !== "-") : got;
    assert.deepEqual(global.join(" "), values);
  });
}

Deno.test("dray __complete proposes every command and every option of each", async () => {
  const names = COMMANDS.map(({ name }) => name);
  assert.deepEqual(await propose(""), [...names, "help"]);
  for (const { name, flags } of COMMANDS) {
    const options = await propose(`${name} --`);
    for (const key of Object.keys(flags)) {
      assert.ok(options.includes(flagText(key)), `${name} ${key}`);
    }
    assert.ok(options.includes("--store"));
  }
});

/** Values for which there is nothing to propose. */
const FREE = [
  "AGE",
  "HOST:PORT",
  "N",
  "NAME",
  "NAME=VALUE",
  "RATE",
  "TIME",
  "USER",
];

Deno.test("every placeholder is one that completion knows, or one of free text", () => {
  for (const { name, flags, args } of COMMANDS) {
    const placeholders = Object.values(flags)
      .filter(({ kind }) => kind === "parsed")
      .map(({ placeholder }) => placeholder ?? "");
    const names = args.placeholder.split(/[ [\]]+/).filter((one) => one !== "");
    for (const placeholder of [...placeholders, ...names]) {
      const known = kindOfPlaceholder(placeholder) !== "free";
      assert.ok(known || FREE.includes(placeholder), `${name} ${placeholder}`);
    }
  }
});

Deno.test("dray __complete proposes the references of the store, as short as they are typed", async () => {
  await using dir = await tempDir();
  await writeIndex(dir.path, [
    "docker.io/library/alpine:3.20",
    "docker.io/library/alpine:latest",
    "docker.io/org/app:1",
    "localhost:5000/team/app:v1",
  ]);
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["", [
      "alpine:3.20",
      "alpine:latest",
      "org/app:1",
      "localhost:5000/team/app:v1",
    ]],
    ["alpine:3", ["alpine:3.20"]],
    ["docker.io/library/alpine:l", ["docker.io/library/alpine:latest"]],
    ["docker.io/o", ["docker.io/org/app:1"]],
    ["localhost:5000/te", ["localhost:5000/team/app:v1"]],
    ["none", []],
  ];
  for (const [typed, wanted] of cases) {
    const byOption = await propose(`inspect --store ${dir.path} ${typed}`);
    assert.deepEqual(byOption, wanted, typed);
    const byVariable = await propose(`rm x y ${typed}`, {
      DRAY_HOME: dir.path,
    });
    assert.deepEqual(byVariable, wanted, typed);
  }
  const environment = {
    DRAY_HOME: dir.path,
    DRAY_DEFAULT_REGISTRY: "localhost:5000",
  };
  assert.deepEqual(await propose("pull team", environment), ["team/app:v1"]);
  assert.deepEqual(await propose("pull alp", environment), []);
  assert.deepEqual(await propose("tags a", { DRAY_HOME: dir.path }), [
    "alpine",
  ]);
  assert.deepEqual(await propose("logout ", { DRAY_HOME: dir.path }), [
    "docker.io",
    "localhost:5000",
  ]);
});

Deno.test("dray __complete proposes nothing that could mean something to a shell or a terminal", async () => {
  await using dir = await tempDir();
  await writeIndex(dir.path, [
    "a.io/$(touch x):1",
    "a.io/b c:1",
    "a.io/b\n:1",
    "a.io/\x1b[2J:1",
    "a.io/`x`:1",
    "a.io/ü:1",
    7,
    null,
    "a.io/good_name__x-y:V1.2_3-4",
  ]);
  assert.deepEqual(await propose("inspect ", { DRAY_HOME: dir.path }), [
    "a.io/good_name__x-y:V1.2_3-4",
  ]);
});

Deno.test("dray __complete says nothing and makes nothing where the store is missing or damaged", async () => {
  await using dir = await tempDir();
  const store = dir.join("store");
  assert.deepEqual(await propose("inspect ", { DRAY_HOME: store }), []);
  await assert.rejects(Deno.stat(store), Deno.errors.NotFound);
  for (const text of ["", "{", "null", "[]", '{"manifests":7}']) {
    await Deno.writeTextFile(dir.join("index.json"), text);
    assert.deepEqual(await propose("inspect ", { DRAY_HOME: dir.path }), []);
  }
  assert.deepEqual([...Deno.readDirSync(dir.path)].length, 1);
  const noWords = await runInProcess(["__complete"]);
  assert.equal(noWords.code, 0);
  assert.match(noWords.stdout, /^:none\npull\t/);
});

Deno.test("familiarName() shortens only what means the same without its registry", () => {
  const table = [
    ["docker.io/library/alpine:3", "alpine:3"],
    ["docker.io/library/a/b:3", "library/a/b:3"],
    ["docker.io/org/app@sha256:" + "0".repeat(64)],
    ["ghcr.io/library/alpine:3", "ghcr.io/library/alpine:3"],
    ["docker.io/a.b/c:1", "docker.io/a.b/c:1"],
  ] as const;
  for (const [name, short = name.slice("docker.io/".length)] of table) {
    assert.equal(familiarName(name), short);
  }
});

Deno.test("dray completions prints a script, also by the path of a shell", async () => {
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    const { code, stdout, stderr } = await runInProcess(["completions", shell]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /__complete/);
  }
  const path = await runInProcess(["completions", "/usr/bin/zsh"]);
  assert.match(path.stdout, /^#compdef dray\n/);
  const typo = await runInProcess(["completions", "tcsh"]);
  assert.equal(typo.code, 2);
  assert.match(
    typo.stderr,
    /"tcsh".*\nhint: name one of bash, zsh, fish, powershell\n$/,
  );
});

Deno.test("dray completions powershell prints what is checked by text only: PowerShell is not to be had here", async () => {
  const { stdout } = await runInProcess(["completions", "powershell"]);
  assert.match(
    stdout,
    /^Register-ArgumentCompleter -Native -CommandName dray -ScriptBlock \{$/m,
  );
  assert.match(
    stdout,
    /& \$program __complete "=\$wordToComplete" @before 2>\$null/,
  );
  assert.match(stdout, /\$value, \$description = \$_ -split "`t", 2/);
});
