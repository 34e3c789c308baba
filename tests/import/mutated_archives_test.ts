import assert from "node:assert/strict";
import fc from "fast-check";
import { IntegrityError } from "../../src/errors.ts";
import { importImage } from "../../src/import/import_image.ts";
import { verify } from "../../src/maintain/verify.ts";
import { writeTar } from "../../src/tar/write_tar.ts";
import { buildImage } from "../testing/image_builder.ts";
import { dockerEntries, importFixture, layoutTar } from "./import_fixture.ts";

const image = buildImage({
  layers: [{ files: { a: "a" } }, { files: { b: "b" }, compression: "none" }],
});
const ARCHIVES = {
  "an OCI archive": layoutTar([image]),
  "a docker archive": writeTar(dockerEntries(image)),
};

/** Bytes that are overwritten at a place, and where the archive ends. */
const mutation = fc.record({
  patches: fc.array(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
    ),
    { maxLength: 3 },
  ),
  length: fc.oneof(
    fc.constant(1),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
});

for (const [what, archive] of Object.entries(ARCHIVES)) {
  Deno.test(`importImage() of ${what} with any bytes changed brings the image or refuses it`, async () => {
    await fc.assert(
      fc.asyncProperty(mutation, async ({ patches, length }) => {
        // A new one each time: what is in a store is not read again.
        await using kit = await importFixture();
        const { store } = kit;
        const bytes = archive.slice(0, Math.ceil(length * archive.length));
        for (const [place, patch] of patches) {
          const room = Math.max(0, bytes.length - patch.length);
          if (bytes.length >= patch.length) {
            bytes.set(patch, Math.floor(place * room));
          }
        }
        const path = await kit.write(bytes);
        const stream = new Blob([bytes]).stream();
        const outcomes = await Promise.allSettled(
          [path, stream].map((source) =>
            importImage(source, { store, tags: ["test:1"] })
          ),
        );
        for (const outcome of outcomes) {
          if (outcome.status === "fulfilled") {
            const [platform] = outcome.value[0]?.platforms ?? [];
            assert.ok(platform);
          } else assert.ok(outcome.reason instanceof IntegrityError);
        }
        const [first, second] = outcomes.map(({ status }) => status);
        assert.equal(first, second);
        const { missing, corrupt } = await verify(store);
        assert.deepEqual([...missing, ...corrupt], []);
        assert.deepEqual(store.space.listPartials(), []);
      }),
      { numRuns: 40 },
    );
  });
}
