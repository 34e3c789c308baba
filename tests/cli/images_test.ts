import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage({
  layers: [{ randomBytes: 50_000 }],
  config: { created: "2026-01-01T00:00:00Z" },
});
const DIGEST = image.root.descriptor.digest;

Deno.test("dray images says on stderr that the store is empty, and nothing on stdout", async () => {
  await using dir = await tempDir();
  const { code, stdout, stderr } = await runInProcess(["images"], {
    environment: { DRAY_HOME: dir.path },
  });
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(stderr, /is empty; fill it with: dray pull alpine\n$/);
});

Deno.test("dray images shows a table, references with -q, and an object a line with --json", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const environment = { DRAY_HOME: dir.path };
  const references = [
    registry.push("team/app", "v1", image),
    registry.push("team/app", "v2", image),
  ];
  await runInProcess(["pull", "-q", ...references], { environment });

  const table = await runInProcess(["images"], {
    environment,
    nowMs: Date.now() + 200_000,
  });
  const short = DIGEST.slice("sha256:".length, "sha256:".length + 12);
  const [titles, first, ...rest] = table.stdout.trimEnd().split("\n");
  assert.match(titles ?? "", /^REFERENCE +DIGEST +PLATFORMS +SIZE +PULLED$/);
  assert.match(
    first ?? "",
    new RegExp(
      `^${references[0]} +${short} +linux/amd64 +5\\d\\.\\d kB +3 minutes ago$`,
    ),
  );
  assert.equal(rest.length, 1);

  const quiet = await runInProcess(["images", "--quiet"], { environment });
  assert.equal(quiet.stdout, references.join("\n") + "\n");

  const json = await runInProcess(["--json", "images"], { environment });
  const objects = json.stdout.trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  const { pulledAt, lastUsedAt, sizeBytes, ...known } = objects[0];
  assert.deepEqual(known, {
    reference: references[0],
    digest: DIGEST,
    platforms: ["linux/amd64"],
    layers: 1,
    createdAt: "2026-01-01T00:00:00Z",
  });
  const parts = [image.root, image.config, ...image.layers];
  assert.equal(
    sizeBytes,
    parts.reduce((sum, { bytes }) => sum + bytes.length, 0),
  );
  for (const moment of [pulledAt, lastUsedAt]) {
    assert.equal(new Date(moment).toISOString(), moment);
  }
});

Deno.test("dray images fits the terminal", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const environment = { DRAY_HOME: dir.path };
  const reference = registry.push(
    "a-team/with-a-long-name/and-more-of-it/app",
    "version-one",
    image,
  );
  await runInProcess(["pull", "-q", reference], { environment });
  const { stdout } = await runInProcess(["images"], {
    environment,
    stdoutIsTerminal: true,
    columns: 80,
  });
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  const piped = await runInProcess(["images"], { environment, columns: 80 });
  assert.match(piped.stdout, new RegExp(reference));
});
