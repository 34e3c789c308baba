import assert from "node:assert/strict";
import type { RegistryClient } from "../../src/registry/registry_client.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { BLOBS, stallAfter } from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { rawResponse } from "../testing/raw_response.ts";
import { startRawServer } from "../testing/raw_server.ts";
import { openClient } from "./open_client.ts";

const IMAGE = buildImage();
// Sound: the builder made a right one.
const CONFIG = IMAGE.config.descriptor as unknown as Descriptor;
const FAULTS = [/manifests/, /tags/, BLOBS].map((match) => ({
  match,
  fault: stallAfter(5),
}));

type Call = (client: RegistryClient, repository: string) => Promise<unknown>;

const CALLS: Readonly<Record<string, Call>> = {
  manifest: (client, repository) => client.fetchDocument(`${repository}:1`),
  config: (client, repository) => client.fetchConfigBytes(repository, CONFIG),
  "list of tags": (client, repository) =>
    Array.fromAsync(client.listTags(repository)),
};

for (const [what, call] of Object.entries(CALLS)) {
  Deno.test(`RegistryClient gives up on a ${what} that stalls for its idle timeout`, async () => {
    await using registry = startFakeRegistry({ faults: FAULTS });
    registry.push("team/app", "1", IMAGE);
    using open = openClient([registry.host], { idleTimeoutMs: 20 });
    await assert.rejects(call(open.client, `${registry.host}/team/app`), {
      code: "timeout",
      message: /it sent nothing for 0\.02 s/,
    });
  });
}

Deno.test("RegistryClient gives up on a token that stalls for its idle timeout, in a login too", async () => {
  await using registry = startRawServer(({ path, headers }) =>
    path === "/token"
      ? { ...rawResponse(200, {}, '{"token":"abc"}'), stallAfter: 5 }
      : rawResponse(401, {
        "WWW-Authenticate": `Bearer realm="http://${
          headers.get("host")
        }/token",service="x"`,
      })
  );
  using open = openClient([registry.host], { idleTimeoutMs: 20 });
  const { client } = open;
  const me = {
    kind: "basic",
    username: "me",
    password: "hunter2",
    origin: "the test",
  } as const;
  const calls = [
    () => client.fetchDocument(`${registry.host}/team/app:1`),
    () => client.checkCredentials(registry.host, me),
  ];
  for (const call of calls) {
    await assert.rejects(call(), { code: "timeout" });
  }
});
