import assert from "node:assert/strict";
import fc from "fast-check";
import { DrayError } from "../../src/errors.ts";
import { rawEntry, type RawHeader, rawPax, rawTar } from "../tar/raw_tar.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { snapshotTree } from "./tree_snapshot.ts";
import { unpackTars } from "./unpack_tars.ts";

/** Stands for the folder outside, which is a new one in each run. */
const VICTIM = "@VICTIM@";
/** Mostly what may well be unpacked: an archive that fails at once attacks nothing. */
const name = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom("a", "b", "c", "file", "victim") },
  { weight: 4, arbitrary: fc.constantFrom(".", "", VICTIM) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(".wh.a", ".wh.b", ".wh..wh..opq", ".wh..wh.x"),
  },
  { weight: 1, arbitrary: fc.constantFrom("..", ".wh.", ".wh...") },
);
const path = fc.array(name, { minLength: 1, maxLength: 4 })
  .map((names) => names.join("/"));
const target = fc.oneof(
  path,
  fc.constantFrom("/", "..", "../..", "../victim", "/proc/self/root", VICTIM),
  fc.constantFrom("/a", "/a/b", "../../../b", "../c", "c/.."),
);

interface HostileEntry {
  readonly path: string;
  readonly target: string;
  readonly type: string;
  readonly mode: number;
  readonly xattr: string;
}

const entry: fc.Arbitrary<HostileEntry> = fc.record({
  path,
  target,
  // Files, hard links, links, folders, devices.
  type: fc.constantFrom(..."0000000112222222255555346"),
  mode: fc.constantFrom(0o644, 0o777, 0o7777, 0),
  xattr: fc.constantFrom(...Array(30).fill(""), "user.x", "user.overlay.x"),
});

function encode(
  { path, target, type, mode, xattr }: HostileEntry,
  victim: string,
): readonly Uint8Array[] {
  const isLink = type === "1" || type === "2";
  const real = (text: string): string => text.replaceAll(VICTIM, victim);
  const header: RawHeader = { name: "x", type, mode };
  const pax = rawPax({
    path: real(path) || ".",
    ...isLink ? { linkpath: real(target) || "." } : {},
    ...xattr === "" ? {} : { [`SCHILY.xattr.${xattr}`]: "y" },
  });
  return [
    pax,
    isLink
      ? rawEntry({ ...header, link: "x" })
      : type === "0"
      ? rawEntry(header, "hostile")
      : rawEntry(header),
  ];
}

const OUTCOMES = new Set([
  "path-unsafe",
  "archive-invalid",
  "limit-exceeded",
]);

Deno.test("no random archive changes anything outside, or fails but with 6", async () => {
  let unpacked = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(entry, { minLength: 1, maxLength: 6 }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.constantFrom("apply" as const, "oci" as const),
      async (layers, whiteouts) => {
        await using dir = await tempDir();
        const victim = dir.join("victim");
        await Deno.mkdir(`${victim}/a`, { recursive: true });
        await Deno.writeTextFile(`${victim}/file`, "precious");
        await Deno.writeTextFile(`${victim}/a/b`, "precious");
        const before = snapshotTree(victim);
        const tars = layers.map((entries) =>
          rawTar(...entries.flatMap((one) => encode(one, victim)))
        );
        try {
          await unpackTars(dir.join("root"), tars, { whiteouts });
          unpacked++;
        } catch (error) {
          assert.ok(error instanceof DrayError, String(error));
          assert.equal(error.exitCode, 6, error.message);
          assert.ok(OUTCOMES.has(error.code), error.code);
        }
        assert.deepEqual(snapshotTree(victim), before);
        assert.deepEqual(
          [...Deno.readDirSync(dir.path)].map(({ name }) => name).sort(),
          ["root", "victim"],
        );
        // Nothing inside is another name of what is outside.
        const inodes = new Set(inodesIn(victim));
        for (const inode of inodesIn(dir.join("root"))) {
          assert.ok(!inodes.has(inode));
        }
      },
    ),
    { numRuns: 200 },
  );
  assert(unpacked > 15, `only ${unpacked} archives were harmless`);
});

function* inodesIn(path: string): Generator<number> {
  for (const { name } of Deno.readDirSync(path)) {
    const info = Deno.lstatSync(`${path}/${name}`);
    if (info.isDirectory) yield* inodesIn(`${path}/${name}`);
    else if (info.isFile && info.ino !== null) yield info.ino;
  }
}
