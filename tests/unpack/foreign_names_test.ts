import assert from "node:assert/strict";
import { concatBytes } from "../../src/tar/concat_bytes.ts";
import { encodeTarText } from "../../src/tar/tar_text.ts";
import { flattenLayers } from "../../src/unpack/flatten_layers.ts";
import { listFiles } from "../../src/look/list_files.ts";
import { countedLayers } from "../look/counted_layers.ts";
import { rawEntry, rawPax, rawTar } from "../tar/raw_tar.ts";
import { readTar } from "../tar/read_tar.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { unpackTars } from "./unpack_tars.ts";

/** In Latin-1, as old archives have it. */
const CAFE = encodeTarText("d/caf\udce9");
/** Another one, which a careless reader takes for the same. */
const CAFF = encodeTarText("d/caf\udcff");

const low = rawTar(
  rawEntry({ name: "d/", type: "5" }),
  rawEntry({ name: CAFE }, "one"),
  rawPax({ path: CAFF }),
  rawEntry({}, "two"),
  rawEntry({ name: "d/plain" }, "three"),
  rawPax({ linkpath: encodeTarText("caf\udce9") }),
  rawEntry({ name: "d/soft", type: "2" }),
  rawPax({ linkpath: CAFE, path: encodeTarText("d/hard\udc80") }),
  rawEntry({ type: "1" }),
);
const high = rawTar(
  rawEntry({ name: encodeTarText("d/.wh.caf\udcff") }),
  rawEntry({ name: encodeTarText("d/new\udcfe"), type: "5" }),
);

Deno.test("unpackLayer() writes names that are no UTF-8 with escapes, and the sidecar has their bytes", async () => {
  if (Deno.build.os === "windows") return;
  await using dir = await tempDir();
  const root = dir.join("root");
  const target = await unpackTars(root, [low, high]);
  assert.deepEqual(
    [...Deno.readDirSync(`${root}/d`)].map(({ name }) => name).sort(),
    ["caf\\xe9", "hard\\x80", "new\\xfe", "plain", "soft"],
  );
  assert.equal(Deno.readTextFileSync(`${root}/d/soft`), "one");
  assert.equal(Deno.readTextFileSync(`${root}/d/hard\\x80`), "one");
  const noted = [...target.log.lines()].map((line) => JSON.parse(line));
  const base64 = (text: string): string => encodeTarText(text).toBase64();
  assert.deepEqual(
    noted.map(({ path, pathBytes, linkBytes }) => [path, pathBytes, linkBytes]),
    [
      ["d/caf\\xe9", base64("d/caf\udce9"), undefined],
      ["d/hard\\x80", base64("d/hard\udc80"), base64("d/caf\udce9")],
      ["d/new\\xfe", base64("d/new\udcfe"), undefined],
      ["d/soft", undefined, base64("caf\udce9")],
    ],
  );
});

Deno.test("flattenLayers() and listFiles() keep names that are no UTF-8, byte for byte", async () => {
  const { layers } = countedLayers([low, high]);
  const pieces: Uint8Array[] = [];
  for await (const piece of flattenLayers(layers)) pieces.push(piece.slice());
  const entries = readTar(concatBytes(pieces));
  assert.deepEqual(
    entries.map(({ path, linkPath }) => `${path} ${linkPath}`).sort(),
    [
      "d/ ",
      "d/caf\udce9 ",
      "d/hard\udc80 d/caf\udce9",
      "d/new\udcfe/ ",
      "d/plain ",
      "d/soft caf\udce9",
    ],
  );
  const listed = await listFiles(layers, "d");
  assert.deepEqual(
    listed.map(({ name }) => name),
    ["caf\udce9", "hard\udc80", "new\udcfe", "plain", "soft"],
  );
});
