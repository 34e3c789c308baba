import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { unpackCommand } from "../../src/cli/commands/unpack_command.ts";
import { runUnpack } from "../../src/cli/commands/run_unpack.ts";
import type { UnpackFlags } from "../../src/cli/commands/unpack_command.ts";
import type { CliHost } from "../../src/cli/cli_context.ts";
import type { GlobalFlags } from "../../src/cli/global_flags.ts";
import { openSession } from "../../src/cli/session.ts";
import { DrayError } from "../../src/errors.ts";
import { namesIn, unpackFixture } from "./unpack_fixture.ts";
import { parseUnpackLimit } from "../../src/cli/unpack_limit_flag.ts";
import { rawEntry, rawPax, rawTar } from "../tar/raw_tar.ts";
import { rawLayer } from "./unpack_fixture.ts";

/** Sound: a command that asks no registry reads no others. */
const GLOBAL = {
  json: false,
  quiet: false,
  progress: "none",
  logLevel: "warn",
} as GlobalFlags;

async function run(
  store: string,
  args: readonly string[],
  flags: Partial<UnpackFlags & GlobalFlags> = {},
): Promise<string> {
  let stdout = "";
  const host: CliHost = {
    stdio: {
      writeOut: (bytes) => stdout += new TextDecoder().decode(bytes),
      writeError: () => {},
      stdin: () => new Blob([]).stream(),
      terminal: undefined,
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      size: () => ({ columns: 80, rows: 24 }),
    },
    environment: {},
    os: "linux",
    now: () => 0,
    onInterrupt: () => ({ [Symbol.dispose]: () => {} }),
  };
  const all = { ...GLOBAL, layers: false, store, ...flags };
  using session = await openSession(host, all);
  await runUnpack(session, all, args);
  return stdout;
}

const layers = [{ files: { a: "a" } }, { files: { b: "b" } }];

Deno.test("dray unpack prints the folder, and with --layers that of each layer", async () => {
  await using fixture = await unpackFixture(layers);
  const { dir, store } = fixture;
  const out = dir.join("out");
  assert.equal(await run(store.dir, ["test", out]), `${out}\n`);
  assert.deepEqual(namesIn({ path: out }), ["a", "b"]);
  const lines = await run(store.dir, ["test", dir.join("l")], { layers: true });
  assert.deepEqual(
    lines.trim().split("\n").map((path) => namesIn({ path })),
    [["a"], ["b"]],
  );
});

Deno.test("dray unpack --json tells what was unpacked", async () => {
  await using fixture = await unpackFixture([
    rawLayer(
      rawTar(rawEntry({ name: "pipe", type: "6" }), rawEntry({ name: "x" })),
    ),
  ]);
  const { dir, store, reference } = fixture;
  const text = await run(store.dir, ["test", dir.join("out")], { json: true });
  const result = JSON.parse(text);
  assert.equal(result.reference, reference);
  assert.equal(result.dir, dir.join("out"));
  assert.equal(result.layers.length, 1);
});

Deno.test("dray unpack refuses wrong usage before it does anything", async () => {
  await using fixture = await unpackFixture(layers);
  const { dir, store } = fixture;
  const cases = [
    [["test", dir.join("o")], { whiteouts: "overlay" as const }, 2],
    [["test", ""], {}, 2],
    [["test", dir.join("o")], { platform: "not a platform" }, 2],
    [["NOT A REF", dir.join("o")], {}, 2],
    [["other", dir.join("o")], {}, 3],
    [["test", dir.join("o")], { platform: "linux/s390x" }, 3],
  ] as const;
  for (const [args, flags, exitCode] of cases) {
    await assert.rejects(
      run(store.dir, args, flags),
      (error) => error instanceof DrayError && error.exitCode === exitCode,
    );
  }
  assert.deepEqual(namesIn(dir), []);
});

Deno.test("dray unpack's help names its options", () => {
  assert.deepEqual(Object.keys(unpackCommand.flags), [
    "platform",
    "layers",
    "whiteouts",
    "limit",
  ]);
});

const LIMITS = [
  "entries=3",
  "bytes=5k",
  "ratio-free-bytes=1k",
  "sparse-bytes=9k",
  "name-bytes=20",
  "path-bytes=30",
  "depth=3",
] as const;

for (const text of LIMITS) {
  Deno.test(`dray unpack --limit ${text} ends with 6 beyond it, and leaves nothing`, async () => {
    const layer = rawTar(
      rawEntry({ name: "a/b/c/d" }),
      rawEntry({ name: "a-long-name-of-some-thirty-bytes" }),
      rawEntry({ name: "zeros" }, new Uint8Array(4096)),
      rawPax({ "GNU.sparse.size": "10000", "GNU.sparse.map": "0,1" }),
      rawEntry({ name: "sparse" }, "x"),
    );
    await using fixture = await unpackFixture([
      rawLayer(new Uint8Array(gzipSync(layer)), layer),
      rawLayer(rawTar(rawEntry({ name: "x" }))),
    ]);
    const { dir, store } = fixture;
    const name = text.replace(/=.*/, "");
    const limit = ["ratio=2", text].map(parseUnpackLimit);
    for (const layers of [false, true]) {
      const work = run(store.dir, ["test", dir.join("out")], { limit, layers });
      await assert.rejects(work, (error) => {
        assert(error instanceof DrayError);
        assert.deepEqual([error.code, error.exitCode], ["limit-exceeded", 6]);
        assert.match(error.hint ?? "", new RegExp(`--limit ${name}=N`));
        return true;
      });
      assert.deepEqual(namesIn(dir), []);
    }
  });
}
