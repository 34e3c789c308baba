import assert from "node:assert/strict";
import fc from "fast-check";
import { type TarEntry, writeTar } from "../../src/tar/write_tar.ts";
import { Store } from "../../src/store/store.ts";
import { unpack } from "../../src/unpack_image/unpack.ts";
import { storeImage } from "../store/stored_fixture.ts";
import { buildImage, buildLayer } from "../testing/image_builder.ts";
import { writeImageLayout } from "../testing/image_layout.ts";
import { requirePeers } from "../testing/peers.ts";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { snapshotTree } from "../unpack/tree_snapshot.ts";
import { unpackTars } from "../unpack/unpack_tars.ts";

interface Step {
  readonly kind: "file" | "folder" | "link" | "hard" | "whiteout" | "opaque";
  readonly path: readonly string[];
  readonly mode: number;
  readonly mtime: number;
  readonly owner: number;
  readonly content: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    "file",
    "file",
    "file",
    "folder",
    "folder",
    "link",
    "hard",
    "whiteout",
    "opaque",
  ),
  path: fc.array(fc.constantFrom("a", "b", "c", "ü", "long".repeat(30)), {
    minLength: 1,
    maxLength: 4,
  }),
  mode: fc.constantFrom(0o644, 0o755, 0o600, 0o4755, 0o2755, 0o1777, 0o440),
  mtime: fc.integer({ min: 0, max: 2_000_000_000 }),
  owner: fc.constantFrom(0, 0, 1, 65534),
  content: fc.string({ maxLength: 2000 }),
});
const layer = fc.array(step, { maxLength: 14 }).map(toEntries);

/** Entries as a tool would write them: parents first, each path once, no whiteout of an own entry. */
function toEntries(steps: readonly Step[]): readonly TarEntry[] {
  const made = new Map<string, TarEntry>();
  const markers = new Set<string>();
  const hidden = new Set<string>();
  for (const { kind, path, mode, mtime, owner, content } of steps) {
    const full = path.join("/");
    const parents = path.slice(0, -1).map((_, at) =>
      path.slice(0, at + 1).join("/")
    );
    const blocked = parents.some((parent) =>
      hidden.has(parent) ||
      made.has(parent) && made.get(parent)?.type !== "directory"
    );
    if (blocked || made.has(full) || hidden.has(full)) continue;
    const common = { mode, mtime, uid: owner, gid: owner };
    for (const parent of parents) {
      if (made.has(parent)) continue;
      made.set(parent, {
        ...common,
        mode: 0o755,
        path: parent,
        type: "directory",
      });
    }
    if (kind === "whiteout") {
      hidden.add(full);
      markers.add([...path.slice(0, -1), `.wh.${path.at(-1)}`].join("/"));
    } else if (kind === "opaque") {
      made.set(full, { ...common, path: full, type: "directory" });
      markers.add(`${full}/.wh..wh..opq`);
    } else if (kind === "folder") {
      made.set(full, { ...common, path: full, type: "directory" });
    } else if (kind === "link") {
      made.set(full, {
        ...common,
        mode: 0o777,
        path: full,
        type: "symlink",
        linkPath: content.replaceAll(/[^a-z/.]/g, "") || "nowhere",
      });
    } else if (kind === "hard") {
      const target = [...made.values()].find((entry) =>
        entry.type === undefined
      );
      if (target === undefined) continue;
      const { content: _, ...rest } = target;
      made.set(full, {
        ...rest,
        path: full,
        type: "hardlink",
        linkPath: target.path,
      });
    } else made.set(full, { ...common, path: full, content });
  }
  const whiteouts = [...markers].map((path): TarEntry => ({
    path,
    content: "",
  }));
  return [...made.values(), ...whiteouts];
}

const peers = await requirePeers("umoci");
const root = Deno.uid() === 0;
if (!root) {
  console.error("\n!!! LEFT OUT: tests against umoci and tar need root\n");
}

peers.test("unpack() of random layers makes what umoci makes (root only)", async () => {
  if (!root) return;
  await fc.assert(
    fc.asyncProperty(
      fc.array(layer, { minLength: 1, maxLength: 4 }),
      fc.constantFrom("gzip" as const, "none" as const),
      async (layers, compression) => {
        await using dir = await tempDir();
        const image = buildImage({
          layers: layers.map((entries) =>
            buildLayer({
              // A root of its own keeps umoci from giving it the present time.
              entries: [
                { path: "./", type: "directory", mtime: 1 },
                ...entries,
              ],
              compression,
            })
          ),
        });
        await writeImageLayout(dir.join("layout"), image);
        await mustRun("umoci", [
          "raw",
          "unpack",
          "--image",
          `${dir.join("layout")}:latest`,
          dir.join("umoci"),
        ]);
        await using store = await Store.open(dir.join("store"), {
          sync: false,
        });
        await storeImage(store, "docker.io/library/test:latest", image);
        await unpack("test", dir.join("dray"), { store });
        const options = { folderTimes: false };
        assert.deepEqual(
          snapshotTree(dir.join("dray"), options),
          snapshotTree(dir.join("umoci"), options),
        );
      },
    ),
    { numRuns: 25 },
  );
});

Deno.test("unpacking a random archive makes what GNU tar makes (root only)", async () => {
  if (!root) return;
  const plain = layer.map((entries) =>
    entries.filter(({ path }) => !path.includes(".wh."))
  );
  await fc.assert(
    fc.asyncProperty(plain, async (entries) => {
      await using dir = await tempDir();
      const archive = writeTar([
        { path: "./", type: "directory", mtime: 1 },
        ...entries,
      ]);
      await Deno.writeFile(dir.join("a.tar"), archive);
      await Deno.mkdir(dir.join("tar"));
      await mustRun("tar", [
        "-xpf",
        dir.join("a.tar"),
        "-C",
        dir.join("tar"),
        "--numeric-owner",
        // Else it sets the time of a folder that it comes back to too early.
        "--delay-directory-restore",
      ]);
      await unpackTars(dir.join("dray"), [archive]);
      assert.deepEqual(
        snapshotTree(dir.join("dray")),
        snapshotTree(dir.join("tar")),
      );
    }),
    { numRuns: 40 },
  );
});
