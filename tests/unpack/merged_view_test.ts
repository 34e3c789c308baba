import assert from "node:assert/strict";
import fc from "fast-check";
import { DrayError } from "../../src/errors.ts";
import type { ArchiveEntry } from "../../src/tar/archive_entry.ts";
import { TarReader } from "../../src/tar/tar_reader.ts";
import { type TarEntry, writeTar } from "../../src/tar/write_tar.ts";
import type { FindResult } from "../../src/unpack/find_merged.ts";
import { findMerged } from "../../src/unpack/find_merged.ts";
import {
  type LayerEntries,
  MergedView,
  mergeLayers,
} from "../../src/unpack/merged_view.ts";
import type { MergedNode } from "../../src/unpack/merged_node.ts";
import type { MergedTree } from "../../src/unpack/merged_tree.ts";
import { DEFAULT_UNPACK_LIMITS } from "../../src/unpack/unpack_limits.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { snapshotMerged } from "./merged_snapshot.ts";
import {
  honestLayers,
  QUESTIONS,
  sloppyLayers,
  wildLayers,
} from "./random_layers.ts";
import { snapshotTree } from "./tree_snapshot.ts";
import { unpackTars } from "./unpack_tars.ts";

Deno.test("mergeLayers() makes the tree that unpacking makes, and fails where that fails (root only)", async () => {
  if (Deno.uid() !== 0) return;
  let [made, failed] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(wildLayers, honestLayers, sloppyLayers),
      async (layers) => {
        await using dir = await tempDir();
        const disk = await outcome(async () => {
          await unpackTars(
            dir.join("root"),
            layers.map((entries) => writeTar(entries)),
          );
          return snapshotTree(dir.join("root"), { folderTimes: false });
        });
        const memory = await outcome(() =>
          snapshotMerged(
            mergeLayers(toLayers(layers), DEFAULT_UNPACK_LIMITS).root,
            ({ layer, index }) => contentOf(layers[layer]?.[index]),
          )
        );
        assert.deepEqual(memory, disk);
        if (typeof disk === "string") failed++;
        else made++;
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(made > 40 && failed > 10, `${made} made, ${failed} failed`);
});

for (
  const [title, arbitrary] of [
    ["as tools write them", honestLayers],
    ["as careless tools write them", sloppyLayers],
  ] as const
) {
  Deno.test(`MergedView.ask() of layers ${title} tells from the top what all of them merged tell`, () => {
    let early = 0;
    fc.assert(
      fc.property(arbitrary, (layers) => {
        const all = toLayers(layers);
        let tree: MergedTree;
        try {
          tree = mergeLayers(all, DEFAULT_UNPACK_LIMITS);
        } catch {
          return;
        }
        for (const path of QUESTIONS) {
          for (const follow of [true, false]) {
            const whole = findMerged(tree.root, path, { follow }).result;
            const view = new MergedView(all.length, DEFAULT_UNPACK_LIMITS);
            for (const layer of all.toReversed()) {
              view.start(layer.entries);
              view.finish();
              const answer = view.ask({ path, follow });
              if (answer.kind === "unknown") continue;
              if (layer.layer > 0) early++;
              assert.deepEqual(
                tell(answer),
                tell(whole),
                `${path} by layer ${layer.layer}`,
              );
              break;
            }
          }
        }
      }),
      { numRuns: 250 },
    );
    assert.ok(early > 300, `${early} early answers`);
  });
}

function tell(result: FindResult): unknown {
  if (result.kind !== "found") return result.kind;
  return tellNode(result.node);
}

/** Of a folder only that it is one: what is in it was not asked for. */
function tellNode(node: MergedNode): unknown {
  return node.kind === "folder" ? "folder" : node.origin;
}

async function outcome<T>(run: () => T | Promise<T>): Promise<T | string> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof DrayError) return error.code;
    throw error;
  }
}

function toLayers(
  layers: readonly (readonly TarEntry[])[],
): readonly LayerEntries[] {
  return layers.map((entries, layer) => {
    const read: ArchiveEntry[] = [];
    const reader = new TarReader({
      entry: (entry) => read.push(entry),
      data: () => {},
      end: () => {},
    });
    reader.write(writeTar(entries));
    reader.close();
    return { layer, entries: read };
  });
}

function contentOf(entry: TarEntry | undefined): Uint8Array {
  return new TextEncoder().encode(String(entry?.content ?? ""));
}
