import assert from "node:assert/strict";
import { runInProcess } from "../cli/fake_host.ts";
import { buildImage } from "../testing/image_builder.ts";
import { runDray } from "../testing/run_dray.ts";
import {
  type ImportFixture,
  importFixture,
  layoutTar,
} from "./import_fixture.ts";

const ALPINE = "docker.io/library/alpine:latest";
const image = buildImage();
const other = buildImage({ layers: [{ files: { b: "b" } }] });
const { digest } = image.root.descriptor;

function run(kit: ImportFixture, ...args: readonly string[]) {
  return runInProcess(["import", "--store", kit.store.dir, ...args]);
}

Deno.test("dray import prints the reference with its digest, and with --json what came", async () => {
  await using kit = await importFixture();
  const path = await kit.write(layoutTar([image]));
  const plain = await run(kit, path, "--tag", "alpine");
  assert.equal(plain.code, 0, plain.stderr);
  assert.equal(plain.stdout, `${ALPINE}@${digest}\n`);
  const json = await run(kit, path, "--tag", "alpine", "--json");
  const { elapsedMs, ...result } = JSON.parse(json.stdout);
  assert.equal(typeof elapsedMs, "number");
  assert.deepEqual(Object.keys(result), [
    "reference",
    "digest",
    "platforms",
    "bytesTotal",
    "bytesImported",
    "bytesReused",
  ]);
  assert.deepEqual(result.platforms[0].layers[0], {
    digest: image.layers[0]?.descriptor.digest,
    diffId: image.layers[0]?.diffId,
    mediaType: image.layers[0]?.descriptor.mediaType,
    size: image.layers[0]?.bytes.length,
    status: "reused",
  });
});

Deno.test("dray import without a name keeps images by digest, and says how to name them", async () => {
  await using kit = await importFixture();
  const names = ["alpine:latest", undefined, "busybox:1"];
  const path = await kit.write(layoutTar([image, other, image], { names }));
  const { code, stdout, stderr } = await run(kit, path);
  assert.equal(code, 0, stderr);
  const kept = [digest, other.root.descriptor.digest].map((each) =>
    `localhost/imported@${each}`
  );
  assert.deepEqual(stdout.trim().split("\n"), kept);
  assert.match(stderr, /give one with --tag REF, or take its own with/);
  assert.deepEqual(
    kit.store.listImages().map(({ reference }) => reference),
    kept.toSorted(),
  );
  const named = await run(kit, path, "--accept-names", "--image", "busybox:1");
  assert.doesNotMatch(named.stderr, /--tag/);
});

Deno.test("dray import --list lists the images and imports none", async () => {
  await using kit = await importFixture();
  const names = ["alpine:latest", "odd\x1b[2J"];
  const path = await kit.write(layoutTar([image, other], { names }));
  const plain = await run(kit, path, "--list");
  assert.equal(plain.code, 0);
  assert.match(plain.stdout, /^NAME +DIGEST\n/);
  assert.ok(plain.stdout.includes(`${ALPINE}   ${digest}`));
  assert.ok(plain.stdout.includes("odd\\x1b[2J"));
  const json = await run(kit, path, "--list", "--json");
  assert.equal(json.code, 0);
  assert.deepEqual(
    json.stdout.trim().split("\n").map((line) => JSON.parse(line)),
    [
      { names: [ALPINE], labels: [], digest },
      {
        names: [],
        labels: ["odd\x1b[2J"],
        digest: other.root.descriptor.digest,
      },
    ],
  );
  const listed = await run(kit, path, "--list", "-q");
  assert.equal(listed.code, 0);
  assert.equal(listed.stdout, `${ALPINE}\nodd\\x1b[2J\n`);
  assert.deepEqual(kit.store.listImages(), []);
});

Deno.test("dray import says what a name stood for before", async () => {
  await using kit = await importFixture();
  const tag = ["--tag", "alpine"];
  await run(kit, await kit.write(layoutTar([other])), ...tag);
  const { stderr } = await run(
    kit,
    await kit.write(layoutTar([image])),
    ...tag,
  );
  const before = other.root.descriptor.digest.slice(7, 19);
  assert.match(stderr, new RegExp(`${ALPINE}: was ${before}, pulled just now`));
});

Deno.test("dray import refuses wrong usage before it reads anything", async () => {
  await using kit = await importFixture();
  const path = await kit.write(layoutTar([image]));
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[], 2, /argument PATH is missing/],
    [[path, path], 2, /no use for argument/],
    [[""], 2, /names no file/],
    [[path, "--tag", "A B"], 2, /Cannot parse reference/],
    [[path, "--tag", "a", "--accept-names"], 2, /both --tag and/],
    [[`${path}.none`, "--tag", "a"], 7, /no such file/],
    [[path, "--tag", "a", "--platform", "x"], 2, /platform/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = await run(kit, ...args);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
  }
  const args = ["import", "--store", kit.store.dir, "-"];
  const terminal = await runInProcess(args, { answers: [] });
  assert.equal(terminal.code, 2);
  assert.match(terminal.stderr, /Cannot import from a terminal/);
});

Deno.test("dray import works with the permissions that users have", async () => {
  await using kit = await importFixture();
  const path = await kit.write(layoutTar([image]));
  const args = ["--store", kit.store.dir, "--tag", "alpine"];
  const { code, stderr } = await runDray(["import", path, ...args]);
  assert.equal(code, 0, stderr);
  assert.equal(kit.store.findImage(ALPINE)?.digest, digest);
});

Deno.test("dray import takes an archive in which a blob stands twice, and verifies the one it reads", async () => {
  await using kit = await importFixture();
  const twice = (content?: string) =>
    layoutTar([image], {
      entries: ([first, ...rest]) => {
        assert.ok(first);
        const other = content === undefined ? first : { ...first, content };
        return [other, first, ...rest];
      },
    });
  const wrong = await run(
    kit,
    await kit.write(twice("other")),
    "--tag=alpine",
  );
  assert.equal(wrong.code, 6, wrong.stderr);
  const sound = await run(kit, await kit.write(twice()), "--tag=alpine");
  assert.equal(sound.code, 0, sound.stderr);
  assert.equal(sound.stdout, `${ALPINE}@${digest}\n`);
});
