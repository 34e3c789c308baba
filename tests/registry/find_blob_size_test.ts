import assert from "node:assert/strict";
import { parseDigest } from "../../src/spec/digest.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { answerStatus, chunked } from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { openClient } from "./open_client.ts";

const image = buildImage();
const { bytes, descriptor } = image.config;
const digest = parseDigest(descriptor.digest);

Deno.test("RegistryClient.findBlobSize() asks by HEAD, and knows what is not there", async () => {
  await using registry = startFakeRegistry();
  registry.push("team/app", "1", image);
  using open = openClient([registry.host]);
  const repository = `${registry.host}/team/app`;
  assert.equal(
    await open.client.findBlobSize(repository, digest),
    bytes.length,
  );
  assert.deepEqual(registry.requests.map(({ method }) => method), ["HEAD"]);
  await assert.rejects(
    open.client.findBlobSize(
      repository,
      parseDigest(`sha256:${"0".repeat(64)}`),
    ),
    { name: "NotFoundError", code: "not-found" },
  );
  registry.fault({ match: /blobs/, fault: chunked(), times: 1 });
  assert.equal(
    await open.client.findBlobSize(repository, digest),
    undefined,
  );
  registry.fault({ match: /blobs/, fault: answerStatus(403) });
  await assert.rejects(open.client.findBlobSize(repository, digest), {
    name: "AuthError",
  });
});
