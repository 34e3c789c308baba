import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answerStatus,
  BLOBS,
  changingEtag,
  chunked,
  cutAfter,
  dropBytes,
  endlessBody,
  extraBytes,
  type Fault,
  flipByte,
  gzipEncoding,
  hangUp,
  ignoreRange,
  multipartRange,
  shiftRange,
  stallAfter,
  throttle,
  untilClose,
} from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import type { RecordedRequest } from "../testing/raw_request.ts";
import type { RawResponse } from "../testing/raw_response.ts";
import { startKit } from "./pull_kit.ts";

const LAYER_BYTES = 120_000;
const at = fc.nat(LAYER_BYTES);

const FAULT: fc.Arbitrary<Fault> = fc.oneof(
  at.map(cutAfter),
  at.map(stallAfter),
  at.map(flipByte),
  fc.nat(5000).map((bytes) => shiftRange(bytes + 1)),
  fc.nat(5000).map((bytes) => extraBytes(bytes + 1)),
  fc.nat(5000).map((bytes) => dropBytes(bytes + 1)),
  fc.constantFrom(...[
    answerStatus(503),
    answerStatus(416),
    changingEtag(),
    chunked(),
    endlessBody(),
    gzipEncoding(),
    hangUp(),
    ignoreRange(),
    multipartRange(),
    throttle(600_000),
    untilClose(),
  ]),
);

const RULE = fc.record({
  fault: FAULT,
  times: fc.integer({ min: 1, max: 2 }),
  skip: fc.nat(4),
});

Deno.test("pull() ends right or with a typed error, whatever mixture of faults it meets", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(RULE, { minLength: 1, maxLength: 4 }),
      async (rules) => {
        await using kit = await startKit({ headerTimeoutMs: 300 });
        const image = buildImage({
          layers: [{ randomBytes: LAYER_BYTES }, {
            randomBytes: 3000,
            seed: 2,
          }],
        });
        const reference = kit.registry.push("a", "b", image);
        const config = image.config.descriptor.digest;
        const match = (request: RecordedRequest, response: RawResponse) =>
          BLOBS(request, response) && !request.path.endsWith(config);
        kit.registry.fault(...rules.map((rule) => ({ match, ...rule })));
        const options = {
          minPieceBytes: 16_384,
          minSavingMs: 5,
          idleTimeoutMs: 60,
          limitRate: 3_000_000,
        };
        const signal = AbortSignal.timeout(20_000);
        try {
          await kit.assertStored(
            image,
            await kit.pull(reference, { ...options, signal }),
          );
        } catch (error) {
          assert.ok(
            error instanceof Error && "exitCode" in error,
            error instanceof Error ? error : String(error),
          );
          // What came so far never stands in the way.
          kit.registry.clearFaults();
          await kit.assertStored(
            image,
            await kit.pull(reference, { ...options, signal }),
          );
        }
        assert.ok(kit.registry.requests.length < 100);
      },
    ),
    { numRuns: 40 },
  );
});
