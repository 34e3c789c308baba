import assert from "node:assert/strict";
import { InterruptedError } from "../../src/errors.ts";
import { editLine } from "../../src/cli/ask_credentials.ts";
import { parseRegistryArgument } from "../../src/cli/credential_file.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const auth = { kind: "basic", users: { me: "secret" } } as const;
const image = buildImage();

Deno.test("dray login keeps credentials that the registry takes, and a pull uses them until logout", async () => {
  await using registry = startFakeRegistry({ auth });
  await using dir = await tempDir();
  const { host } = registry;
  const reference = registry.push("team/app", "v1", image);
  const environment = { DOCKER_CONFIG: dir.path, HOME: dir.path };
  const login = await runInProcess([
    "login",
    host,
    "-u",
    "me",
    "--password-stdin",
  ], {
    environment,
    stdin: "secret\n",
  });
  assert.equal(login.code, 0, login.stderr);
  assert.equal(login.stdout, "");
  assert.match(
    login.stderr,
    new RegExp(
      `Logged in to ${host} as me; kept in ${dir.join("config.json")}\n$`,
    ),
  );
  assert.doesNotMatch(login.stderr, /secret/);
  const { mode } = await Deno.stat(dir.join("config.json"));
  assert.equal((mode ?? 0) & 0o777, 0o600);

  const digest = ["digest", "-q", reference];
  assert.equal((await runInProcess(digest, { environment })).code, 0);
  const debug = await runInProcess([
    "digest",
    "--log-level",
    "debug",
    reference,
  ], { environment });
  assert.match(debug.stderr, /credentials for .*config\.json/);
  assert.match(debug.stderr, /^dray: debug: HEAD http:\/\/\S+ 200 in \d+ ms$/m);
  assert.doesNotMatch(debug.stderr, /secret|bWU6c2VjcmV0/);

  const logout = await runInProcess(["logout", host], { environment });
  assert.deepEqual([logout.code, logout.stderr], [
    0,
    `Logged out of ${host}\n`,
  ]);
  assert.equal((await runInProcess(digest, { environment })).code, 4);
  const again = await runInProcess(["logout", host], { environment });
  assert.equal(again.code, 3);
});

Deno.test("dray login asks on a terminal", async () => {
  await using registry = startFakeRegistry({ auth });
  await using dir = await tempDir();
  const environment = {
    REGISTRY_AUTH_FILE: dir.join("auth.json"),
    HOME: dir.path,
  };
  const { code, stdout, stderr } = await runInProcess([
    "login",
    registry.host,
    "--json",
  ], {
    environment,
    answers: ["me", "secret"],
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^User name: Password: /);
  assert.deepEqual(JSON.parse(stdout), {
    registry: registry.host,
    username: "me",
    check: "accepted",
    keptBy: "file",
    where: dir.join("auth.json"),
  });
});

Deno.test("dray login keeps nothing that the registry refuses", async () => {
  await using registry = startFakeRegistry({ auth });
  await using dir = await tempDir();
  const { code, stderr } = await runInProcess(
    ["login", registry.host, "-u", "me", "--password-stdin"],
    { environment: { HOME: dir.path }, stdin: "wrong" },
  );
  assert.equal(code, 4, stderr);
  assert.match(stderr, /^hint: check the user name and the password$/m);
  assert.doesNotMatch(stderr, /hint: dray login/);
  await assert.rejects(Deno.stat(dir.join(".docker")), Deno.errors.NotFound);
});

Deno.test("dray login without anybody to ask says what to give", async () => {
  const environment = { HOME: "/nowhere" };
  const table = [
    [["login", "a.io"], {}, /--password-stdin/],
    [["login", "a.io", "--password-stdin"], { stdin: "x" }, /-u USER/],
    [
      ["login", "a.io", "-u", "me", "--password-stdin"],
      { stdin: "\n" },
      /stdin holds no password/,
    ],
    [
      ["login", "a.io", "-u", "a:b", "--password-stdin"],
      { stdin: "x" },
      /"a:b": a user name must not have a colon/,
    ],
    [["login", "a.io"], { answers: ["a:b", "x"] }, /must not have a colon/],
    [["login", "a.io"], { answers: ["me", ""] }, /an answer is empty/],
    [["login", "https://a.io/x"], {}, /Cannot parse registry/],
  ] as const;
  for (const [args, options, message] of table) {
    const outcome = await runInProcess(args, {
      environment,
      ...structuredClone(options),
    });
    assert.equal(outcome.code, 2, args.join(" "));
    assert.match(outcome.stderr, message);
  }
});

Deno.test("parseRegistryArgument() takes what docker's documentation names", () => {
  for (
    const text of [
      "docker.io",
      "index.docker.io",
      "https://index.docker.io/v1/",
    ]
  ) {
    assert.equal(parseRegistryArgument(text), "docker.io");
  }
  assert.equal(
    parseRegistryArgument("http://Localhost:5000/"),
    "localhost:5000",
  );
});

Deno.test("editLine() edits, and Ctrl-C interrupts", () => {
  assert.deepEqual(editLine("", "ab\x7fc\r"), { text: "ac", ended: true });
  assert.deepEqual(editLine("p", "\b\b😀\x7fx\x1b"), {
    text: "x",
    ended: false,
  });
  assert.deepEqual(editLine("p", "\x04q"), { text: "pq", ended: false });
  assert.throws(() => editLine("p", "\x03"), InterruptedError);
  assert.throws(() => editLine("", "\x04"), InterruptedError);
});
