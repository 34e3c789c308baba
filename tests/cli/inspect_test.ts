import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import {
  buildArtifact,
  buildImage,
  buildMultiPlatform,
} from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage({
  layers: [{ randomBytes: 50_000 }, { seed: 2 }],
  config: {
    created: "2026-01-01T00:00:00Z",
    config: {
      Entrypoint: ["/bin/app", "--serve"],
      Env: ["PATH=/bin", "EVIL=\x1b[31mred\u202e"],
      Labels: { team: "one" },
      User: "65534",
    },
    history: [
      { created_by: "ADD  files\n\t in /" },
      { created_by: "ENV x=y", empty_layer: true },
      { created_by: "RUN \x1b]0;title\x07" },
    ],
  },
});

Deno.test("dray inspect shows an image of the store for people, outside text escaped", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  await runInProcess(["pull", "-q", reference, "--store", dir.path]);
  const { code, stdout } = await runInProcess([
    "inspect",
    reference,
    "--store",
    dir.path,
  ]);
  assert.equal(code, 0);
  const fields: readonly (readonly [string, string])[] = [
    ["Reference", reference],
    ["Digest", image.root.descriptor.digest],
    ["Platforms", "linux/amd64"],
    ["Config", image.config.descriptor.digest],
    ["Created", "2026-01-01T00:00:00Z"],
    ["Entrypoint", '["/bin/app","--serve"]'],
    ["User", "65534"],
    ["Environment", "PATH=/bin"],
    ["", "EVIL=\\x1b[31mred\\u{202e}"],
    ["Labels", "team=one"],
  ];
  const lines = stdout.split("\n");
  for (const [title, value] of fields) {
    assert.ok(lines.includes(title.padEnd(14) + value), value);
  }
  assert.match(stdout, /^ {2}[0-9a-f]{12} {3}5\d\.\d kB {2}ADD files in \/$/m);
  assert.match(stdout, /^ {2}[0-9a-f]{12} +\d+ B {2}RUN \\x1b\]0;title\\x07$/m);
  assert.doesNotMatch(stdout, /[^\P{Cc}\n]/u);
});

Deno.test("dray inspect --raw and --config give the bytes as they are", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const index = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
    { os: "linux", architecture: "arm", variant: "v7" },
  ]);
  const reference = registry.push("team/app", "v1", index);
  const store = ["--store", dir.path];
  await runInProcess(["pull", "-q", "--all-platforms", reference, ...store]);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  for (const from of [[], ["--remote"]]) {
    const raw = await runInProcess([
      "inspect",
      "--raw",
      reference,
      ...store,
      ...from,
    ]);
    assert.equal(raw.stdout, text(index.root.bytes));
    for (const child of index.images) {
      const { os, architecture, variant } = child.platform ?? assert.fail();
      const platform = [os, architecture, variant].filter(Boolean).join("/");
      const args = [
        "inspect",
        reference,
        "--platform",
        platform,
        ...store,
        ...from,
      ];
      assert.equal(
        (await runInProcess([...args, "--raw"])).stdout,
        text(child.root.bytes),
      );
      assert.equal(
        (await runInProcess([...args, "--config"])).stdout,
        text(child.config.bytes),
      );
    }
  }
});

Deno.test("dray inspect --json tells the same from the store and from the registry", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const store = ["--store", dir.path];
  await runInProcess(["pull", "-q", reference, ...store]);
  const stored = await runInProcess(["inspect", reference, "--json", ...store]);
  const remote = await runInProcess([
    "inspect",
    reference,
    "--json",
    "--remote",
    ...store,
  ]);
  const { pulledAt, ...view } = JSON.parse(stored.stdout);
  assert.equal(new Date(pulledAt).toISOString(), pulledAt);
  assert.deepEqual(view, JSON.parse(remote.stdout));
  assert.deepEqual(view.env, ["PATH=/bin", "EVIL=\x1b[31mred\u202e"]);
  assert.equal(view.layers[1].createdBy, "RUN \x1b]0;title\x07");
  assert.doesNotMatch(stored.stdout, /\u202e/);
});

Deno.test("dray inspect --remote stores nothing", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const { code } = await runInProcess([
    "inspect",
    "--remote",
    reference,
    "--store",
    dir.join("s"),
  ]);
  assert.equal(code, 0);
  await assert.rejects(Deno.stat(dir.join("s")), Deno.errors.NotFound);
});

Deno.test("dray inspect shows an artifact, whose config is no image config", async () => {
  await using registry = startFakeRegistry();
  const artifact = buildArtifact({ "a.txt": "hello" });
  const reference = registry.push("team/thing", "v1", artifact);
  const { code, stdout, stderr } = await runInProcess([
    "inspect",
    "--remote",
    reference,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Artifact {6}application\/vnd\.example\.thing\.v1$/m);
});

Deno.test("dray inspect of what is not in the store is exit code 3 with the command that gets it", async () => {
  await using dir = await tempDir();
  const { code, stdout, stderr } = await runInProcess([
    "inspect",
    "alpine",
    "--store",
    dir.path,
  ]);
  assert.deepEqual([code, stdout], [3, ""]);
  assert.equal(
    stderr,
    'dray: error: Cannot inspect "docker.io/library/alpine:latest": it is not in the store\n' +
      "hint: dray images lists what is; get it with: dray pull docker.io/library/alpine:latest\n",
  );
});

Deno.test("dray inspect finds an image by its digest", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const store = ["--store", dir.path];
  await runInProcess(["pull", "-q", reference, ...store]);
  const { digest } = image.root.descriptor;
  const byDigest = `${registry.host}/team/app@${digest}`;
  const found = await runInProcess(["inspect", byDigest, "--json", ...store]);
  assert.equal(JSON.parse(found.stdout).reference, reference);
  const elsewhere = await runInProcess([
    "inspect",
    `${registry.host}/team/ap@${digest}`,
    ...store,
  ]);
  assert.equal(elsewhere.code, 3);
});

Deno.test("dray inspect --remote --platform refuses a single image that is for another", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const args = ["inspect", "--remote", reference, "--store", dir.path];
  const wrong = await runInProcess([...args, "--platform", "linux/riscv64"]);
  assert.equal(wrong.code, 3);
  assert.match(wrong.stderr, /there is only linux\/amd64/);
  const right = await runInProcess([...args, "--platform", "linux/amd64"]);
  assert.equal(right.code, 0, right.stderr);
});

Deno.test("dray inspect says that the store is damaged where an image's config is gone", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const store = ["--store", dir.path];
  await runInProcess([
    "pull",
    "-q",
    "--platform=linux/amd64",
    reference,
    ...store,
  ]);
  const { digest } = image.config.descriptor;
  await Deno.remove(dir.join(`blobs/${digest.replace(":", "/")}`));
  const { code, stderr } = await runInProcess(["inspect", reference, ...store]);
  assert.equal(code, 6);
  assert.match(stderr, /the store lacks its blob/);
  assert.match(stderr, /^hint: .*dray verify --repair/m);
});
