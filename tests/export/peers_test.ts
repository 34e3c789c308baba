import assert from "node:assert/strict";
import { exportImage } from "../../src/export/export_image.ts";
import { requirePeers } from "../testing/peers.ts";
import { mustRun } from "../testing/run_command.ts";
import { type ExportFixture, exportFixture, nameOf } from "./export_fixture.ts";

const peers = await requirePeers("skopeo", "umoci", "podman");

/** What skopeo finds in a source: the config's digest of each image. */
async function inspectConfig(source: string): Promise<string> {
  const text = await mustRun("skopeo", ["inspect", "--raw", source]);
  return JSON.parse(text).config.digest;
}

function configOf({ images }: ExportFixture, name: string): unknown {
  return images[name]?.config.descriptor.digest;
}

peers.test("skopeo copies each image of an OCI archive by its name", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  await exportImage(["one:1", "zstd:1", "multi:1"], path, kit);
  const tag = `oci-archive:${path}:${nameOf("zstd")}`;
  assert.equal(await inspectConfig(tag), configOf(kit, "zstd"));
  for (const [name, flags] of [["one", []], ["multi", ["--all"]]] as const) {
    const from = `oci-archive:${path}:${nameOf(name)}`;
    const to = `dir:${kit.dir.join(name)}`;
    await mustRun("skopeo", ["copy", "-q", ...flags, from, to]);
    assert.equal(
      (await mustRun("skopeo", [
        "manifest-digest",
        `${to.slice(4)}/manifest.json`,
      ]))
        .trim(),
      kit.images[name]?.root.descriptor.digest,
    );
  }
});

peers.test("skopeo copies all that is in the export of an index that was not whole", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  await exportImage(["attested:1"], path, kit);
  const from = `oci-archive:${path}:${nameOf("attested")}`;
  await mustRun("skopeo", ["copy", "-q", "--all", from, `dir:${path}-dir`]);
});

peers.test("skopeo copies a Docker schema 2 image out of an OCI archive that holds no other", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  await exportImage(["docker:1"], path, kit);
  const config = await inspectConfig(`oci-archive:${path}`);
  assert.equal(config, configOf(kit, "docker"));
});

peers.test("skopeo copies each image of a docker archive, zstd layers too", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  const { store } = kit;
  const format = "docker-archive";
  await exportImage(["one:1", "docker:1", "zstd:1"], path, { store, format });
  for (const name of ["one", "docker", "zstd"]) {
    const from = `docker-archive:${path}:${nameOf(name)}`;
    await mustRun("skopeo", ["copy", "-q", from, `dir:${path}-${name}`]);
    assert.equal(await inspectConfig(from), configOf(kit, name));
  }
});

peers.test("podman loads docker archives and OCI archives under their names", async () => {
  await using kit = await exportFixture();
  const { store, dir } = kit;
  const path = dir.join("x.tar");
  const podman = (...args: string[]): Promise<string> =>
    mustRun("podman", [
      ...["--root", dir.join("root"), "--runroot", dir.join("run")],
      ...["--storage-driver", "vfs", ...args],
    ]);
  const format = "docker-archive";
  await exportImage(["one:1", "zstd:1"], path, { store, format });
  await podman("load", "-q", "-i", path);
  await exportImage(["docker:1"], path, { store });
  await podman("load", "-q", "-i", path);
  const names = await podman("images", "--format", "{{.Repository}}:{{.Tag}}");
  assert.deepEqual(
    names.trim().split("\n").toSorted(),
    ["docker", "one", "zstd"].map(nameOf),
  );
});

peers.test("umoci and skopeo read a layout folder that dray has added to", async () => {
  await using kit = await exportFixture();
  const { store, dir } = kit;
  const path = dir.join("layout");
  await mustRun("umoci", ["init", "--layout", path]);
  await mustRun("umoci", ["new", "--image", `${path}:mine`]);
  await exportImage(["one:1"], path, { store, format: "oci-dir" });
  const list = await mustRun("umoci", ["ls", "--layout", path]);
  assert.deepEqual(list.trim().split("\n"), ["mine", nameOf("one")]);
  const rootfs = dir.join("rootfs");
  // umoci takes no name with a colon: skopeo hands it on under another.
  await mustRun("skopeo", [
    ...["copy", "-q", `oci:${path}:${nameOf("one")}`, `oci:${path}:one`],
  ]);
  await mustRun("umoci", ["raw", "unpack", "--image", `${path}:one`, rootfs]);
  assert.equal(await Deno.readTextFile(`${rootfs}/shared`), "shared");
});

peers.test("GNU tar lists an archive without a complaint", async () => {
  await using kit = await exportFixture();
  const path = kit.dir.join("x.tar");
  await exportImage(["one:1"], path, kit);
  const list = await mustRun("tar", ["tf", path]);
  assert.deepEqual(list.split("\n").slice(0, 4), [
    "oci-layout",
    "index.json",
    "blobs/",
    "blobs/sha256/",
  ]);
});
