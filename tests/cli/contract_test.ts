// What CLI.md, the contract with users and scripts, says and no other test shows.
import assert from "node:assert/strict";
import { BLOBS, cutAfter } from "../testing/faults.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { maintainedStore } from "../maintain/maintained_store.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage({ layers: [{ randomBytes: 60_000 }] });

/** The objects of JSON lines; throws where a line is something else. */
function parseLines(text: string): readonly Record<string, unknown>[] {
  return text.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line)
  );
}

/** The names of an object's fields, as they stand. */
function fieldsOf(value: unknown): string {
  return typeof value === "object" && value !== null
    ? Object.keys(value).join(",")
    : "";
}

Deno.test("global options stand before or after the command", async () => {
  await using kit = await maintainedStore();
  const reference = await kit.pull("team/app:1", image);
  const store = ["--store", kit.dir];
  const after = await runInProcess(["images", "-q", ...store]);
  assert.equal(after.stdout, `${reference}\n`);
  for (
    const args of [
      [...store, "-q", "images"],
      ["-q", "images", ...store],
      [`--store=${kit.dir}`, "images", "--quiet"],
    ]
  ) assert.deepEqual(await runInProcess(args), after, args.join(" "));
});

Deno.test("--progress json has events of exactly the contract's fields", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  registry.fault({
    match: (request, response) =>
      BLOBS(request, response) && response.body.length > 40_000,
    fault: cutAfter(20_000),
    times: 1,
  });
  const { code, stderr } = await runInProcess([
    "pull",
    reference,
    ...["--store", dir.path, "--progress", "json"],
  ]);
  assert.equal(code, 0, stderr);
  const fields = new Map(
    parseLines(stderr).map((event) => [event.event, fieldsOf(event)]),
  );
  const wanted = {
    "resolve": "event,at,reference",
    "blob-start": "event,at,digest,size,offset",
    "blob-progress": "event,at,digest,received,size",
    "blob-retry": "event,at,digest,attempt,reason,delayMs",
    "blob-done": "event,at,digest,size,status",
  };
  for (const [name, keys] of Object.entries(wanted)) {
    assert.equal(fields.get(name), keys, name);
  }
  assert.match(fields.get("done") ?? "", /^event,at,reference,digest,/);
  const failed = await runInProcess([
    "pull",
    `${registry.host}/team/app:none`,
    ...["--store", dir.path, "--progress", "json"],
  ]);
  const error = parseLines(failed.stderr).at(-1);
  assert.match(fieldsOf(error), /^event,at,code,exitCode,message/);
  assert.equal(error?.event, "error");
});

Deno.test("--json leaves nothing on stderr but JSON, so that a script can read it line by line", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const good = registry.push("team/app", "v1", image);
  const args = ["pull", "--json", "--store", dir.path];
  const pulled = await runInProcess([...args, good]);
  assert.deepEqual([pulled.code, pulled.stderr], [0, ""]);
  const bad = `${registry.host}/team/app:none`;
  const failed = await runInProcess([...args, bad, good, "--log-level=debug"]);
  assert.equal(failed.code, 3);
  const events = parseLines(failed.stderr);
  const errors = events.filter(({ event }) => event === "error");
  assert.deepEqual(errors.map(({ code }) => code), [
    "not-found",
    "several-failed",
  ]);
  for (const { exitCode, message } of errors) {
    assert.equal(exitCode, 3);
    assert.equal(typeof message, "string");
  }
  assert.ok(
    events.some(({ event, level, message }) =>
      event === "log" && level === "debug" && /^GET http/.test(String(message))
    ),
  );
});

Deno.test("--json shows a warning as JSON, and progress as it was asked for", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const hosts = dir.join("certs.d", registry.host);
  await Deno.mkdir(hosts, { recursive: true });
  await Deno.writeTextFile(`${hosts}/hosts.toml`, "nonsense = 1\n");
  const args = ["pull", reference, "--json", "--store", dir.join("store")];
  const more = ["--config-dir", dir.path];
  const { stderr } = await runInProcess([...args, ...more]);
  const [warning, ...others] = parseLines(stderr);
  assert.deepEqual([warning?.event, others.length], ["warning", 0]);
  assert.match(String(warning?.message), /nonsense is unknown here/);
  const plain = await runInProcess([...args, ...more, "--progress=plain"]);
  assert.match(plain.stderr, /^dray: warning: .*nonsense/m);
  assert.match(plain.stderr, /: resolving$/m);
});

Deno.test("--log-level debug shows each exchange with its headers, secrets removed", async () => {
  const users = { me: "the-password" };
  await using registry = startFakeRegistry({ auth: { kind: "bearer", users } });
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const { code, stderr } = await runInProcess(
    [
      "pull",
      reference,
      ...["-u", "me", "--password-stdin", "--log-level", "debug"],
      ...["--store", dir.path],
    ],
    { stdin: "the-password\n" },
  );
  assert.equal(code, 0, stderr);
  for (const { method, path } of registry.requests) {
    // What asks for TLS on a port that speaks none is no exchange.
    if (!path.startsWith("/")) continue;
    const start = `dray: debug: ${method} ${registry.url}${path.split("?")[0]}`;
    assert.ok(stderr.includes(`\n${start}`), start);
  }
  assert.match(stderr, /^dray: debug: > authorization: \*\*\*$/m);
  assert.match(stderr, /^dray: debug: < docker-content-digest: sha256:/m);
  assert.doesNotMatch(stderr, /the-password|Bearer [\w-]{8}/);
  assert.doesNotMatch(stderr, new RegExp(btoa("me:the-password")));
});

Deno.test("results have exactly the contract's fields", async () => {
  await using kit = await maintainedStore();
  await kit.pull("team/app:1", image);
  const table = [
    [
      ["images", "--json"],
      "reference,digest,platforms,sizeBytes,layers,createdAt,pulledAt,lastUsedAt",
    ],
    [["verify", "--json"], "checked,bytes,missing,corrupt"],
    [
      ["df", "--json"],
      "images,blobs,blobBytes,sharedBytes,partialBytes,unpackedBytes,reclaimableBytes",
    ],
  ] as const;
  for (const [args, fields] of table) {
    const { code, stdout } = await kit.run(...args);
    assert.equal(code, 0);
    assert.equal(fieldsOf(JSON.parse(stdout)), fields, args.join(" "));
  }
});

Deno.test("a layer that an interrupted pull began is resumed in the result, one that is there reused", async () => {
  await using kit = await maintainedStore();
  const reference = await kit.pull("team/app:1", image);
  const again = await kit.run("pull", "--json", reference);
  const result = JSON.parse(again.stdout);
  assert.equal(result.platforms[0].layers[0].status, "reused");
  assert.equal(result.bytesDownloaded + result.bytesReused, result.bytesTotal);
});

Deno.test("the exit code of several references is the one that all failures share, else 1", async () => {
  await using kit = await maintainedStore();
  const good = await kit.pull("team/app:1", image);
  const missing = `${kit.registry.host}/team/app:none`;
  const cases: readonly (readonly [readonly string[], number])[] = [
    [[good, good], 0],
    [[good, missing, missing], 3],
    [[missing, "UPPER"], 1],
    [["UPPER", "a//b"], 2],
  ];
  for (const [references, wanted] of cases) {
    const { code, stderr } = await kit.run("pull", ...references);
    assert.equal(code, wanted, stderr);
    const summary = /^dray: error: Cannot pull \d of \d references: /m;
    assert.equal(summary.test(stderr), wanted !== 0);
  }
});

Deno.test("a reference without a registry goes to DRAY_DEFAULT_REGISTRY, and is recorded with it", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  registry.push("team/app", "v1", image);
  const environment = {
    DRAY_DEFAULT_REGISTRY: registry.host,
    DRAY_HOME: dir.path,
  };
  const { code, stdout } = await runInProcess(["pull", "team/app:v1"], {
    environment,
  });
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `${registry.host}/team/app:v1@${image.root.descriptor.digest}\n`,
  );
  const images = await runInProcess(["images", "-q"], { environment });
  assert.equal(images.stdout, `${registry.host}/team/app:v1\n`);
});

Deno.test("an empty path is wrong usage, whichever option it is of", async () => {
  for (
    const option of ["--store", "--config-dir", "--ca-file", "--hosts-dir"]
  ) {
    const { code, stderr } = await runInProcess(["images", option, ""]);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      new RegExp(
        `^dray: error: Cannot run "dray images": option "${option}": cannot use the path "": it is empty\n`,
      ),
    );
  }
});
