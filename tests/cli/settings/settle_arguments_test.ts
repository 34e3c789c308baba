import assert from "node:assert/strict";
import { DrayError } from "../../../src/errors.ts";
import type { Environment } from "../../../src/cli/environment.ts";
import {
  settleArguments,
  type SettledArguments,
} from "../../../src/cli/settings/settle_arguments.ts";
import { SETTINGS } from "../../../src/cli/settings/setting_table.ts";
import { type TempDir, tempDir } from "../../testing/temp_dir.ts";
import { runInProcess } from "../fake_host.ts";

/** A folder with a config.toml of this text. */
async function configDir(text: string): Promise<TempDir> {
  const dir = await tempDir();
  await Deno.writeTextFile(dir.join("config.toml"), text);
  return dir;
}

async function settle(
  line: string,
  toml: string,
  environment: Environment = {},
): Promise<SettledArguments> {
  await using dir = await configDir(toml);
  return await settleArguments(line.split(" "), {
    environment: { DRAY_CONFIG: dir.path, HOME: "/home/me", ...environment },
  });
}

const ADDED: readonly (readonly [
  line: string,
  toml: string,
  environment: Environment,
  wanted: string,
])[] = [
  ["pull a", "", {}, "pull a"],
  ["pull a", "max-connections = 3", {}, "pull --max-connections=3 a"],
  ["pull a", "'max-connections' = '3'", {}, "pull --max-connections=3 a"],
  [
    "pull a",
    "limit-rate = '1M'\nretries = 0",
    {},
    "pull --limit-rate=1M --retries=0 a",
  ],
  ["pull a", "idle-timeout = 5", {}, "pull --idle-timeout=5 a"],
  // A variable goes before the file, an option before both.
  ["pull a", "retries = 0", { DRAY_RETRIES: "1" }, "pull --retries=1 a"],
  [
    "pull --retries 2 a",
    "retries = 0",
    { DRAY_RETRIES: "1" },
    "pull --retries 2 a",
  ],
  ["pull --retries=2 a", "retries = 0", {}, "pull --retries=2 a"],
  ["pull a -- --retries", "retries = 0", {}, "pull --retries=0 a -- --retries"],
  [
    "pull a",
    "platforms = ['linux/amd64', 'linux/arm64']",
    {},
    "pull --platform=linux/amd64 --platform=linux/arm64 a",
  ],
  ["pull a", "platforms = 'linux/amd64'", {}, "pull --platform=linux/amd64 a"],
  [
    "pull a",
    "",
    { DRAY_PLATFORMS: "linux/amd64, linux/arm/v7" },
    "pull --platform=linux/amd64 --platform=linux/arm/v7 a",
  ],
  [
    "pull --all-platforms a",
    "platforms = ['linux/amd64']",
    {},
    "pull --all-platforms a",
  ],
  [
    "pull --platform linux/s390x a",
    "platforms = ['linux/amd64']",
    {},
    "pull --platform linux/s390x a",
  ],
  // What a command has no option for, or another meaning, stays away from it.
  ["images", "max-connections = 3\nplatforms = 'a/b'", {}, "images"],
  [
    "inspect a",
    "platforms = 'a/b'\nprogress = 'none'",
    {},
    "inspect --progress=none a",
  ],
  ["nope", "max-connections = 'this is not looked at'", {}, "nope"],
];

for (const [line, toml, environment, wanted] of ADDED) {
  Deno.test(`settleArguments() makes "${wanted}" of "${line}" with ${JSON.stringify(toml)} and ${JSON.stringify(environment)}`, async () => {
    const settled = await settle(line, toml, environment);
    assert.equal(settled.arguments.join(" "), wanted);
  });
}

Deno.test("settleArguments() gives the store and the default registry as variables, which go before the file", async () => {
  const toml = "store = '~/images'\ndefault-registry = 'r.example'";
  const { environment } = await settle("images", toml);
  assert.equal(environment.DRAY_HOME, "/home/me/images");
  assert.equal(environment.DRAY_DEFAULT_REGISTRY, "r.example");
  const set = { DRAY_HOME: "/d", DRAY_DEFAULT_REGISTRY: "d.example" };
  const { environment: own } = await settle("images", toml, set);
  assert.equal(own.DRAY_HOME, "/d");
  assert.equal(own.DRAY_DEFAULT_REGISTRY, "d.example");
});

Deno.test("settleArguments() takes a relative path from the file's folder", async () => {
  await using dir = await configDir("store = 'images'");
  const { environment } = await settleArguments(
    ["images", "--config-dir", dir.path],
    { environment: {} },
  );
  assert.equal(environment.DRAY_HOME, dir.join("images"));
});

Deno.test("settleArguments() says where each setting comes from", async () => {
  await using dir = await configDir("# ours\n\nretries = 1\n");
  const { settings } = await settleArguments(
    ["config", "--progress", "none", `--config-dir=${dir.path}`],
    { environment: { DRAY_LIMIT_RATE: "1M" } },
  );
  assert.deepEqual(
    settings.map(({ name }) => name),
    SETTINGS.map(({ name }) => name),
  );
  assert.deepEqual(settings.filter(({ source }) => source !== "default"), [
    {
      name: "limit-rate",
      value: "1M",
      source: "variable",
      from: "DRAY_LIMIT_RATE",
    },
    { name: "progress", value: "none", source: "option", from: "--progress" },
    {
      name: "retries",
      value: "1",
      source: "file",
      from: `${dir.path}/config.toml, line 3`,
    },
  ]);
});

const BAD_FILES:
  readonly (readonly [toml: string, problem: RegExp, hint?: RegExp])[] = [
    ["x = [", /line 1: it is no TOML: /],
    ["retries = 1\nretries = 2", /line 2: it is no TOML: /],
    [
      "\nmax_connections = 1",
      /line 2: max_connections is no setting$/,
      /^did you mean "max-connections"\?$/,
    ],
    [
      "conections = 1",
      /conections is no setting/,
      /the settings are store, default-registry, /,
    ],
    ["plat = 1", /plat is no setting/, /"platforms"/],
    ["[pull]\nretries = 1", /line 1: pull is no setting/, /the settings are/],
    ["constructor = 1", /constructor is no setting/],
    ["'a\\u001b[2J' = 1", /is no setting/],
    ["retries = true", /line 1: retries is neither a text nor a number$/],
    ["store = ['a']", /store is neither a text nor a number$/],
    ["platforms = [1]", /platforms is no list of texts$/],
    ["platforms = []", /platforms is no list of texts$/],
    [
      "platforms = ['linux']",
      /platforms can't be used: Cannot parse platform "linux"/,
    ],
    ["retries = -1", /retries can't be used: Cannot read number "-1"/],
    ["max-connections = 65", /can't be used: .* from 1 to 64$/],
    ["limit-rate = 'fast'", /can't be used: Cannot read rate "fast"/, /20M/],
    ["idle-timeout = '1 year'", /can't be used: Cannot read duration/, /500ms/],
    ["progress = 'loud'", /progress can't be used: it is none of auto, tty, /],
    ["log-level = 'all'", /log-level can't be used: it is none of error, /],
    ["store = ''", /store can't be used: it is empty$/],
    ["default-registry = 'a b'", /default-registry can't be used: /],
  ];

for (const [toml, problem, hint] of BAD_FILES) {
  Deno.test(`dray says what is wrong with the config.toml ${JSON.stringify(toml)}, and where`, async () => {
    await using dir = await configDir(toml);
    const { code, stdout, stderr } = await runInProcess(["images"], {
      environment: { DRAY_CONFIG: dir.path },
    });
    const [error = "", second = "", ...rest] = stderr.trimEnd().split("\n");
    assert.deepEqual([code, stdout, rest], [2, "", []]);
    const start =
      `dray: error: Cannot use configuration "${dir.path}/config.toml", `;
    assert.ok(error.startsWith(start), error);
    assert.match(error, problem);
    if (hint !== undefined) assert.match(second.replace("hint: ", ""), hint);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stderr, /\x1b/);
  });
}

Deno.test("dray says which variable can't be used, where a command uses it", async () => {
  const environment = { DRAY_MAX_CONNECTIONS: "many", DRAY_HOME: "/nowhere" };
  const config = await runInProcess(["config"], { environment });
  assert.equal(config.code, 2);
  assert.match(
    config.stderr,
    /^dray: error: Cannot use variable DRAY_MAX_CONNECTIONS "many": cannot read number "many": not a whole number from 1 to 64\n$/,
  );
  const overridden = await runInProcess(
    ["pull", "--max-connections", "2"],
    { environment },
  );
  assert.match(overridden.stderr, /no reference is given/);
});

Deno.test("a config.toml that can't be read is exit code 7", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(dir.join("config.toml"));
  const { code, stderr } = await runInProcess([
    "images",
    "--config-dir",
    dir.path,
  ]);
  assert.equal(code, 7);
  assert.match(stderr, /^dray: error: Cannot read "[^"]+\/config.toml": /);
});

Deno.test("help, version and completion come whatever config.toml holds", async () => {
  await using dir = await configDir("][");
  const environment = { DRAY_CONFIG: dir.path };
  for (
    const args of [["--version"], ["help"], ["pull", "--help"], [
      "__complete",
      "= inspect",
    ]]
  ) {
    const { code, stderr } = await runInProcess(args, { environment });
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
  }
});

Deno.test("settleArguments() only reads, and nothing where there is no file or no folder", async () => {
  await using dir = await tempDir();
  for (const config of [dir.path, dir.join("none")]) {
    const args = ["images", "--config-dir", config];
    const settled = await settleArguments(args, { environment: {} });
    assert.deepEqual(settled.arguments, args);
  }
  await assert.rejects(
    settleArguments(["images"], { environment: { DRAY_PROGRESS: "x" } }),
    (error) => error instanceof DrayError && error.exitCode === 2,
  );
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
});

Deno.test("progress = json in config.toml makes errors JSON too, also of wrong usage", async () => {
  await using dir = await configDir("progress = 'json'");
  const { code, stderr } = await runInProcess(["rm", "--config-dir", dir.path]);
  assert.equal(code, 2);
  assert.equal(JSON.parse(stderr).code, "usage");
});

Deno.test("dray config prints what holds, and where it comes from", async () => {
  await using dir = await configDir(
    "max-connections = 16\nplatforms = ['linux/amd64', 'linux/arm64']\n",
  );
  const environment = { HOME: "/home/me", DRAY_RETRIES: "0" };
  const args = ["config", "--config-dir", dir.path, "--store", "/s"];
  const { code, stdout, stderr } = await runInProcess(args, { environment });
  assert.equal(code, 0, stderr);
  const rows = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows[0], ["SETTING", "VALUE", "FROM"]);
  const file = `${dir.path}/config.toml`;
  for (
    const row of [
      ["store", "/s", "option --store"],
      ["default-registry", "docker.io", "default"],
      ["platforms", "linux/amd64,linux/arm64", `${file}, line 2`],
      ["max-connections", "16", `${file}, line 1`],
      ["limit-rate", "none", "default"],
      ["hosts-dir", `${dir.path}/certs.d`, "default"],
      ["retries", "0", "variable DRAY_RETRIES"],
      ["connect-timeout", "10s", "default"],
    ]
  ) assert.ok(rows.some((one) => one.join() === row.join()), row.join());
  assert.equal(rows.length, SETTINGS.length + 1);
  assert.equal(stderr, `Read: ${file}\n`);
  const none = await runInProcess(["config"], { environment: { HOME: "/h" } });
  assert.equal(none.stderr, "Not there: /h/.config/dray/config.toml\n");

  const json = await runInProcess([...args, "--json"], { environment });
  const lines = json.stdout.trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(lines[2], {
    setting: "platforms",
    value: ["linux/amd64", "linux/arm64"],
    source: "file",
    from: `${file}, line 2`,
  });
  assert.deepEqual(
    lines.find(({ setting }) => setting === "limit-rate"),
    { setting: "limit-rate", value: null, source: "default", from: null },
  );
  assert.equal(json.stderr, "");
});

Deno.test("the variable of a setting is DRAY_ and its name, the store's is DRAY_HOME", () => {
  for (const { name, variable } of SETTINGS) {
    const wanted = `DRAY_${name.toUpperCase().replaceAll("-", "_")}`;
    assert.equal(variable, name === "store" ? "DRAY_HOME" : wanted);
  }
});
