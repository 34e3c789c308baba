import { parseDigest } from "../../src/spec/digest.ts";
import { Store } from "../../src/store/store.ts";
import { buildImage, buildLayer } from "../testing/image_builder.ts";
import { randomBytes } from "../testing/test_bytes.ts";
import { keyOf, storeImage } from "./stored_fixture.ts";

// A process of its own for tests that need several, or one to kill.
// It says what it has done on stderr, a line each, and is believed to have done no less.

const [job = "", dir = "", ...args] = Deno.args;

const JOBS: Readonly<Record<string, () => Promise<void>>> = {
  /** Records images `name-0` … and, between them, one that all processes record. */
  async record() {
    const [name = "", count = "0"] = args;
    await using store = await Store.open(dir, { sync: false });
    const shared = buildLayer({ seed: 1 });
    for (let turn = 0; turn < Number(count); turn++) {
      const own = buildLayer({ seed: 100 + turn });
      const image = buildImage({
        layers: [shared, own],
        config: { author: `${name} ${turn}` },
      });
      await storeImage(store, `localhost/${name}:${turn}`, image);
      await storeImage(store, "localhost/all:latest", image);
      console.error(`localhost/${name}:${turn}`);
    }
  },
  /** Writes a blob, at several places in turn, and commits it. */
  async ingest() {
    const [size = "0", places = "1"] = args;
    const bytes = randomBytes(Number(size));
    await using store = await Store.open(dir);
    await using ingest = await store.openIngest(keyOf(bytes));
    if (ingest === undefined) return console.error("committed");
    console.error(`kept ${ingest.kept}`);
    let written = ingest.kept;
    while (ingest.missing.length > 0) {
      for (const { start, end } of spread(ingest.missing, Number(places))) {
        const stop = Math.min(end, start + 65_536);
        await ingest.writeAt(start, bytes.subarray(start, stop));
        written += stop - start;
      }
      console.error(`written ${written}`);
    }
    await ingest.commit();
    console.error("committed");
  },
  /** Writes the start of a blob, and then does nothing but hold it. */
  async hold() {
    const bytes = randomBytes(Number(args[0]));
    await using store = await Store.open(dir);
    await using ingest = await store.openIngest(keyOf(bytes));
    await ingest?.writeAt(0, bytes.subarray(0, 100_000));
    console.error("holds");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  /** Records and removes the same few references, for ever. */
  async churn() {
    await using store = await Store.open(dir);
    for (let turn = 0;; turn++) {
      const reference = `localhost/churn:${turn % 3}`;
      const layer = buildLayer({ seed: turn % 5 });
      await storeImage(store, reference, buildImage({ layers: [layer] }));
      console.error(`recorded ${reference}`);
      if (turn % 4 === 3) await store.removeImage(reference);
    }
  },
  /** Opens the store and says what is there. */
  async list() {
    console.error("opens");
    await using store = await Store.open(dir);
    console.log(JSON.stringify(store.listImages()));
  },
  /** Waits for a blob that another process writes. */
  async wait() {
    const [digest = "", size = ""] = args;
    await using store = await Store.open(dir);
    await using ingest = await store.openIngest(
      { digest: parseDigest(digest), size: Number(size) },
      { onWait: () => console.error("waits") },
    );
    console.error(ingest === undefined ? "committed" : `kept ${ingest.kept}`);
  },
};

/** The starts of as many places as asked for, in the ranges that are missing. */
function spread(
  missing: readonly { readonly start: number; readonly end: number }[],
  places: number,
) {
  const [first, ...rest] = missing;
  if (first === undefined || rest.length + 1 >= places) return missing;
  const step = Math.ceil((first.end - first.start) / places);
  const parts = Array.from({ length: places }, (_, place) => ({
    start: first.start + place * step,
    end: Math.min(first.end, first.start + (place + 1) * step),
  }));
  return [...parts.filter(({ start, end }) => start < end), ...rest];
}

await JOBS[job]?.();
