import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage();

Deno.test("dray digest prints what a reference resolves to", async () => {
  await using registry = startFakeRegistry();
  const reference = registry.push("team/app", "v1", image);
  const { digest, mediaType, size } = image.root.descriptor;
  assert.deepEqual(await runInProcess(["digest", "-q", reference]), {
    code: 0,
    stdout: `${digest}\n`,
    stderr: "",
  });
  const json = await runInProcess(["digest", "--json", reference]);
  assert.deepEqual(JSON.parse(json.stdout), {
    reference,
    digest,
    mediaType,
    size,
  });
  assert.equal(
    (await runInProcess(["digest", `${registry.host}/team/app:v2`])).code,
    3,
  );
});

Deno.test("dray tags lists all pages of a repository's tags", async () => {
  await using registry = startFakeRegistry({ pageSize: 2 });
  const tags = ["1", "2", "3", "latest", "rc"];
  for (const tag of tags) registry.push("team/app", tag, image);
  const repository = `${registry.host}/team/app`;
  const text = await runInProcess(["tags", "-q", repository]);
  assert.deepEqual(text, {
    code: 0,
    stdout: tags.join("\n") + "\n",
    stderr: "",
  });
  const json = await runInProcess(["tags", "--json", repository]);
  assert.deepEqual(JSON.parse(json.stdout), { repository, tags });
});

Deno.test("dray tags refuses what names an image, with the command that was meant", async () => {
  for (const text of ["alpine:3.20", `alpine@sha256:${"0".repeat(64)}`]) {
    const { code, stderr } = await runInProcess(["tags", text]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /it names an image, not a repository\nhint: dray tags docker\.io\/library\/alpine\n$/,
    );
  }
  const none = await runInProcess([
    "tags",
    "127.0.0.1:1/a",
    "--connect-timeout",
    "1s",
  ]);
  assert.equal(none.code, 5);
});

Deno.test("DRAY_DEFAULT_REGISTRY names the registry of references that name none", async () => {
  await using registry = startFakeRegistry();
  registry.push("team/app", "v1", image);
  const environment = { DRAY_DEFAULT_REGISTRY: registry.host };
  const { stdout } = await runInProcess(["digest", "team/app:v1"], {
    environment,
  });
  assert.equal(stdout, `${image.root.descriptor.digest}\n`);
});
