import assert from "node:assert/strict";
import { parseAge } from "../../src/cli/parse_age.ts";
import { imageWith, maintainedStore } from "../maintain/maintained_store.ts";

function hexOf(image: ReturnType<typeof imageWith>): string {
  return image.root.descriptor.digest.slice("sha256:".length);
}

Deno.test("dray images PATTERN lists what one of the patterns fits", async () => {
  await using kit = await maintainedStore();
  const host = kit.registry.host;
  const image = imageWith(2);
  for (
    const name of ["team/app:1", "team/app:2", "team/db:1", "x/app:latest"]
  ) {
    await kit.pull(name, image);
  }
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[`${host}/team/app`], ["team/app:1", "team/app:2"]],
    [[`${host}/team/app:2`], ["team/app:2"]],
    [[`${host}/team/*`], ["team/app:1", "team/app:2", "team/db:1"]],
    [["*/app"], ["team/app:1", "team/app:2", "x/app:latest"]],
    [["*:1"], ["team/app:1", "team/db:1"]],
    [[`${host}/team/db`, "*:latest"], ["team/db:1", "x/app:latest"]],
    [[`${host}/x/app`], ["x/app:latest"]],
    [[`${host}/team/a`], []],
    [["NOT A REFERENCE"], []],
    [["team.app*("], []],
  ];
  for (const [patterns, wanted] of cases) {
    const { code, stdout } = await kit.run("images", "-q", ...patterns);
    assert.equal(code, 0);
    assert.deepEqual(
      stdout.split("\n").filter((line) => line !== ""),
      wanted.map((name) => `${host}/${name}`),
      patterns.join(" "),
    );
  }
  const none = await kit.run("images", "nothing");
  assert.deepEqual([none.code, none.stdout], [0, ""]);
  assert.match(none.stderr, /None of 4 images fits/);
});

Deno.test("dray images --digests shows them whole", async () => {
  await using kit = await maintainedStore();
  const image = imageWith(2);
  await kit.pull("team/app:1", image);
  const { stdout } = await kit.run("images", "--digests");
  assert.ok(stdout.includes(image.root.descriptor.digest));
});

Deno.test("inspect, rm and verify take the start of a digest where one image has it", async () => {
  await using kit = await maintainedStore();
  const [one, two] = [imageWith(2), imageWith(3)];
  const first = await kit.pull("team/one:1", one);
  await kit.pull("team/two:1", two);
  await kit.pull("team/two:2", two);
  for (
    const text of [
      hexOf(one),
      hexOf(one).slice(0, 12),
      `sha256:${hexOf(one)}`,
      `sha256:${hexOf(one).slice(0, 9)}`,
    ]
  ) {
    const { code, stdout } = await kit.run("inspect", "--json", text);
    assert.equal(code, 0, text);
    assert.equal(JSON.parse(stdout).reference, first);
    assert.equal((await kit.run("verify", text)).code, 0);
  }
  assert.equal((await kit.run("inspect", hexOf(two).slice(0, 12))).code, 0);

  const both = await kit.run("rm", hexOf(two).slice(0, 12));
  assert.equal(both.code, 2);
  assert.match(
    both.stderr,
    /2 references have this digest\n.*team\/two:1, .*team\/two:2/,
  );
  const removed = await kit.run("rm", hexOf(one).slice(0, 12));
  assert.deepEqual([removed.code, removed.stdout], [0, `${first}\n`]);
  assert.equal((await kit.run("rm", hexOf(one).slice(0, 12))).code, 3);
});

Deno.test("the start of several digests is refused, saying how many there are", async () => {
  await using kit = await maintainedStore();
  const starts = new Map<string, number>();
  // With 300 images some share the first four digits of their digests.
  const { Store } = await import("../../src/mod.ts");
  const { storeImage } = await import("../store/stored_fixture.ts");
  const { buildImage } = await import("../testing/image_builder.ts");
  let shared: string | undefined;
  {
    await using store = await Store.open(kit.dir, { sync: false });
    for (let number = 0; shared === undefined; number++) {
      const image = buildImage({ config: { author: `${number}` } });
      const start = image.root.descriptor.digest.slice(7, 11);
      const earlier = starts.get(start);
      starts.set(start, number);
      if (earlier === undefined) continue;
      for (const each of [earlier, number]) {
        const chosen = buildImage({ config: { author: `${each}` } });
        await storeImage(store, `localhost/a:${each}`, chosen);
      }
      shared = start;
    }
  }
  for (const command of ["inspect", "rm", "verify"]) {
    const { code, stderr } = await kit.run(command, shared);
    assert.equal(code, 2, command);
    assert.match(stderr, /2 digests begin so/);
  }
});

Deno.test("parseAge() reads a number with a unit", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["0", 0],
    ["0d", 0],
    ["30s", 30_000],
    ["5m", 300_000],
    ["12h", 43_200_000],
    ["7d", 604_800_000],
    ["2w", 1_209_600_000],
  ];
  for (const [text, ms] of cases) assert.equal(parseAge(text), ms);
  for (const text of ["", "7", "d", "-1d", "1.5d", "7 d", "7days", "1e3d"]) {
    assert.throws(() => parseAge(text), { code: "usage", exitCode: 2 });
  }
});
