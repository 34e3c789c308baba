import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildArtifact, buildImage } from "../testing/image_builder.ts";
import { readTar } from "../tar/read_tar.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage({
  layers: [
    { files: { "etc/a": "old", "etc/gone": "gone" } },
    { files: { "etc/a": "new", "etc/.wh.gone": "", "srv/b": "b" } },
  ],
});

Deno.test("dray export --format rootfs-tar writes the merged files of one image, the same each time", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const store = ["--store", dir.join("store")];
  const reference = registry.push("team/app", "v1", image);
  const other = registry.push("team/other", "v1", buildImage());
  await runInProcess(["pull", "-q", reference, other, ...store]);
  const args = ["export", "--format", "rootfs-tar", ...store];
  const paths = [dir.join("1.tar"), dir.join("2.tar")];
  for (const path of paths) {
    const outcome = await runInProcess([...args, reference, "-o", path, "-q"]);
    assert.deepEqual(outcome, { code: 0, stdout: `${path}\n`, stderr: "" });
  }
  const [one = new Uint8Array(), two] = await Promise.all(
    paths.map((path) => Deno.readFile(path)),
  );
  assert.deepEqual(one, two);
  assert.deepEqual(
    readTar(one).map(({ path, content }) =>
      [path, new TextDecoder().decode(content)].join("=")
    ),
    ["etc/a=new", "srv/b=b", "etc/=", "srv/="],
  );
  const piped = await runInProcess([...args, reference, "-o", "-", "-q"]);
  assert.equal(piped.stdout, new TextDecoder().decode(one));
  const json = await runInProcess(
    [...args, reference, "-o", dir.join("3.tar"), "--json"],
  );
  const result = JSON.parse(json.stdout);
  assert.equal(result.bytes, one.length);
  assert.deepEqual(result.images, [{
    reference,
    digest: image.root.descriptor.digest,
    platforms: ["linux/amd64"],
  }]);
  const both = await runInProcess(
    [...args, reference, other, "-o", dir.join("4.tar")],
  );
  assert.equal(both.code, 2);
  assert.match(
    both.stderr,
    /^dray: error: Cannot export several images as rootfs-tar/,
  );
});

Deno.test("dray export --format rootfs-tar of a damaged layer is exit code 6 and leaves nothing", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const store = ["--store", dir.join("store")];
  const reference = registry.push("team/app", "v1", image);
  await runInProcess(["pull", "-q", reference, ...store]);
  const digest = image.layers[0]?.descriptor.digest ?? "";
  const blob = dir.join(`store/blobs/${digest.replace(":", "/")}`);
  const bytes = await Deno.readFile(blob);
  bytes[60] = (bytes[60] ?? 0) ^ 0xff;
  await Deno.chmod(blob, 0o644);
  await Deno.writeFile(blob, bytes);
  const { code, stdout } = await runInProcess([
    "export",
    "--format",
    "rootfs-tar",
    reference,
    "-o",
    dir.join("x.tar"),
    ...store,
  ]);
  assert.deepEqual([code, stdout], [6, ""]);
  assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), [
    "store",
  ]);
});

Deno.test("dray export --format rootfs-tar of an artifact says that it is no image", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const store = ["--store", dir.join("store")];
  const artifact = buildArtifact({ "a.txt": "hello" });
  const reference = registry.push("team/thing", "v1", artifact);
  await runInProcess(["pull", "-q", reference, ...store]);
  const outcome = await runInProcess(
    ["export", "--format=rootfs-tar", reference, "-o", "-", ...store],
  );
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /it is an artifact, not an image/);
  assert.equal(outcome.stdout, "");
});
