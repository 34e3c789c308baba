import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { BLOBS, throttle } from "../testing/faults.ts";
import { buildArtifact, buildImage } from "../testing/image_builder.ts";
import { runDray } from "../testing/run_dray.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage({
  layers: [
    {
      entries: [
        { path: "etc", type: "directory", mode: 0o755, mtime: 1_000_000_000 },
        { path: "etc/passwd", content: "root:x:0:0\n", mode: 0o640, gid: 42 },
        { path: "etc/evil\x1b[31m\n", content: "", uid: 100_000 },
        { path: "etc/mtab", type: "symlink", linkPath: "/proc/\x07mounts" },
        { path: "tmp", type: "directory", mode: 0o1777 },
        { path: "tmp/su", content: "12345", mode: 0o4711 },
      ],
    },
    { entries: [{ path: "srv", type: "directory" }], randomBytes: 3_000_000 },
    { files: { "srv/app": "binary\n" } },
  ],
});

async function pulled(): Promise<
  { readonly reference: string; readonly store: readonly string[] } & TempDir
> {
  await using registry = startFakeRegistry();
  const dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const store = ["--store", dir.path];
  await runInProcess(["pull", "-q", reference, ...store]);
  return { ...dir, reference, store };
}

Deno.test("dray ls lists names, with -l details, outside text escaped", async () => {
  await using image = await pulled();
  const { reference, store } = image;
  const names = await runInProcess(["ls", reference, ...store]);
  assert.deepEqual(names, {
    code: 0,
    stdout: "etc\nrandom.bin\nsrv\ntmp\n",
    stderr: "",
  });
  const long = await runInProcess(["ls", "-l", reference, "/etc/", ...store]);
  assert.equal(
    long.stdout,
    [
      "-rw-r--r--  100000:0   0  1970-01-01 00:00:00  evil\\x1b[31m\\x0a",
      "lrw-r--r--  0:0        0  1970-01-01 00:00:00  mtab -> /proc/\\x07mounts",
      "-rw-r-----  0:42      11  1970-01-01 00:00:00  passwd",
      "",
    ].join("\n"),
  );
  const all = await runInProcess(["ls", "-lR", reference, ...store]);
  assert.match(all.stdout, /^drwxrwxrwt .* tmp$/m);
  assert.match(all.stdout, /^-rws--x--x .* tmp\/su$/m);
  assert.match(all.stdout, /^drwxr-xr-x .* 2001-09-09 01:46:40 {2}etc$/m);
  assert.equal(all.code, 0);
});

Deno.test("dray ls --json gives an object a line", async () => {
  await using image_ = await pulled();
  const { reference, store } = image_;
  const { stdout } = await runInProcess(
    ["ls", "--json", reference, "etc", ...store],
  );
  const [evil, mtab, passwd] = stdout.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  const layer = image.layers[0]?.descriptor.digest;
  assert.equal(evil.name, "evil\x1b[31m\n");
  assert.deepEqual([mtab.type, mtab.linkTarget], [
    "symlink",
    "/proc/\x07mounts",
  ]);
  assert.deepEqual(passwd, {
    name: "passwd",
    path: "/etc/passwd",
    type: "file",
    size: 11,
    mode: "0640",
    uid: 0,
    gid: 42,
    mtime: "1970-01-01T00:00:00Z",
    layer,
  });
});

Deno.test("dray cat gives the bytes as they are, with the permissions that users run with", async () => {
  await using image = await pulled();
  const { reference, store } = image;
  const big = await runInProcess(["cat", reference, "/etc/passwd", ...store]);
  assert.deepEqual(big, { code: 0, stdout: "root:x:0:0\n", stderr: "" });
  const process = await runDray(["cat", reference, "srv/app", ...store]);
  assert.deepEqual([process.code, process.stdout], [0, "binary\n"]);
});

Deno.test("dray ls and dray cat of what is not there, or no such thing, are one line and the right exit code", async () => {
  await using image = await pulled();
  const { reference, store } = image;
  const cases: readonly (readonly [
    args: readonly string[],
    code: number,
    stderr: RegExp,
  ])[] = [
    [
      ["cat", reference, "/nope\x1b"],
      3,
      /^dray: error: Cannot read "\/nope\\x1b": the image has no such file or folder\n$/,
    ],
    [
      ["ls", reference, "/nope"],
      3,
      /^dray: error: Cannot list "\/nope": .*\n$/,
    ],
    [
      ["cat", reference, "/etc"],
      1,
      /^dray: error: Cannot read "\/etc": it is a folder\n$/,
    ],
    [
      ["ls", reference, "--platform=linux/s390x"],
      3,
      /for platform "linux\/s390x"/,
    ],
    [["ls", reference, "--platform=x"], 2, /platform/],
    [["cat", reference], 2, /^dray: error:/],
    [["ls", "NOT A REF"], 2, /^dray: error:/],
    [
      ["cat", "localhost:1/other:v1", "/x"],
      3,
      /^dray: error: Cannot look into "localhost:1\/other:v1": it is not in the store\nhint: get it with: dray pull localhost:1\/other:v1; or .*--remote\n$/,
    ],
  ];
  for (const [args, code, stderr] of cases) {
    const outcome = await runInProcess([...args, ...store]);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.equal(outcome.stdout, "");
    assert.match(outcome.stderr, stderr);
  }
});

Deno.test("dray ls, dray cat and dray export of rootfs-tar take limits, and name the one that was passed", async () => {
  await using image = await pulled();
  const { reference, store } = image;
  const out = image.join("out.tar");
  const commands = [
    ["ls", reference],
    ["cat", reference, "etc/passwd"],
    ["export", "--format", "rootfs-tar", reference, "-o", out],
  ];
  for (const command of commands) {
    const args = [...command, "--limit", "entries=3", ...store];
    const { code, stdout, stderr } = await runInProcess(args);
    assert.deepEqual([code, stdout], [6, ""], stderr);
    assert.match(stderr, /^hint: .* raise the limit: --limit entries=N$/m);
    const enough = [...command, "--limit", "entries=300", ...store];
    assert.equal((await runInProcess(enough)).code, 0);
  }
});

Deno.test("dray cat of a layer that is damaged on disk is exit code 6, with nothing written; layers below don't matter", async () => {
  await using stored = await pulled();
  const { reference, store } = stored;
  const damage = async (layer: number): Promise<void> => {
    const digest = image.layers[layer]?.descriptor.digest ?? "";
    const path = stored.join(`blobs/${digest.replace(":", "/")}`);
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 0xff;
    await Deno.chmod(path, 0o644);
    await Deno.writeFile(path, bytes);
  };
  await damage(1);
  const above = await runInProcess(["cat", reference, "srv/app", ...store]);
  assert.deepEqual([above.code, above.stdout], [0, "binary\n"]);
  const below = await runInProcess(["cat", reference, "etc/passwd", ...store]);
  assert.deepEqual([below.code, below.stdout], [6, ""]);
});

Deno.test("dray cat --remote asks for the layers that it must, takes what it needs of them, and stores nothing", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const big = buildImage({
    layers: [
      { files: { "etc/a": "lowest" } },
      { files: { "etc/b": "middle" }, randomBytes: 24_000_000 },
      { entries: [{ path: "top", type: "directory" }] },
    ],
  });
  const reference = registry.push("team/big", "v1", big);
  registry.fault({ match: BLOBS, fault: throttle(8_000_000) });
  const store = ["--store", dir.join("store")];
  const { code, stdout, stderr } = await runInProcess(
    ["cat", "--remote", "-q", reference, "etc/b", ...store],
  );
  assert.deepEqual([code, stdout], [0, "middle"], stderr);
  const layers = registry.blobRequests.filter(({ path }) =>
    big.layers.some(({ descriptor }) => path.endsWith(descriptor.digest))
  );
  assert.deepEqual(
    layers.map(({ path }) => path.replace(/.*\//, "")),
    [2, 1].map((at) => big.layers[at]?.descriptor.digest),
  );
  const size = big.layers[1]?.bytes.length ?? 0;
  assert.ok(
    (layers[1]?.bytesSent ?? size) < size / 2,
    `${layers[1]?.bytesSent}`,
  );
  await assert.rejects(Deno.stat(dir.join("store")), Deno.errors.NotFound);
});

Deno.test("dray ls --remote lists as from the store, with credentials and a platform", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "basic", users: { me: "secret" } },
  });
  const reference = registry.push("team/app", "v1", image);
  const args = ["ls", "--remote", "-q", reference, "/etc"];
  const refused = await runInProcess(args);
  assert.equal(refused.code, 4);
  const given = ["-u", "me", "--password-stdin", "--platform=linux/amd64"];
  const listed = await runInProcess([...args, ...given], { stdin: "secret" });
  assert.equal(listed.code, 0, listed.stderr);
  assert.equal(listed.stdout, "evil\\x1b[31m\\x0a\nmtab\npasswd\n");
  const wrong = await runInProcess([
    ...args,
    ...given.slice(0, 3),
    "--platform=linux/arm64",
  ], { stdin: "secret" });
  assert.equal(wrong.code, 3);
  assert.match(wrong.stderr, /Cannot look into .*: there is only linux\/amd64/);
});

Deno.test("dray ls --remote of a layer that is served wrong is exit code 6, of an artifact 1", async () => {
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "v1", image);
  const [low] = image.layers;
  const [other] = buildImage({ layers: [{ seed: 99 }] }).layers;
  if (low === undefined || other === undefined) assert.fail();
  const swapped = { ...low, bytes: other.bytes };
  const wrong = {
    ...image,
    blobs: image.blobs.map((blob) => blob === low ? swapped : blob),
    layers: [swapped, ...image.layers.slice(1)],
  };
  registry.push("team/wrong", "v1", wrong);
  const outcome = await runInProcess(
    ["ls", "--remote", "-q", reference.replace("/app:", "/wrong:")],
  );
  assert.equal(outcome.code, 6, outcome.stderr);
  const artifact = buildArtifact({ "a.txt": "hello" });
  const thing = registry.push("team/thing", "v1", artifact);
  const none = await runInProcess(["ls", "--remote", "-q", thing]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /it is an artifact, not an image/);
});

Deno.test("dray cat takes a name that is no UTF-8 as dray ls shows it", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const name = "caf\udce9";
  const reference = registry.push(
    "team/app",
    "v1",
    buildImage({
      layers: [{
        entries: [
          { path: name, content: "latin" },
          { path: "a\\xc3\\xa9", content: "backslashes" },
        ],
      }],
    }),
  );
  const store = ["--store", dir.join("store")];
  await runInProcess(["pull", "-q", reference, ...store]);
  const listed = await runInProcess(["ls", reference, ...store]);
  assert.equal(listed.stdout, "a\\xc3\\xa9\ncaf\\xe9\n");
  for (
    const [shown, content] of [
      ["caf\\xe9", "latin"],
      ["a\\xc3\\xa9", "backslashes"],
    ]
  ) {
    const read = await runInProcess(["cat", reference, `/${shown}`, ...store]);
    assert.equal(read.stdout, content, read.stderr);
  }
});

Deno.test("an interrupted command promises to go on where it stopped only where it does", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const store = ["--store", dir.join("store")];
  await runInProcess(["pull", "-q", reference, ...store]);
  // In the middle of a tick: a listener that is called at once meets no session yet.
  const onReady = (interrupt: () => void): void => queueMicrotask(interrupt);
  const commands: readonly (readonly [boolean, readonly string[]])[] = [
    [false, ["ls", reference]],
    [false, ["unpack", reference, dir.join("root")]],
    [false, ["export", reference, "-o", dir.join("x.tar")]],
    [true, ["pull", "--force", reference]],
  ];
  for (const [resumes, args] of commands) {
    const outcome = await runInProcess([...args, ...store], { onReady });
    assert.equal(outcome.code, 130, `${args}: ${outcome.stderr}`);
    assert.match(outcome.stderr, /dray: error: Cannot go on: interrupted\n/);
    assert.equal(outcome.stderr.includes("where it stopped"), resumes);
  }
});
