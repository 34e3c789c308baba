import assert from "node:assert/strict";
import type { ExportFormat } from "../../src/spec/export_format.ts";
import { exportImage } from "../../src/export/export_image.ts";
import { importImage } from "../../src/import/import_image.ts";
import { Store } from "../../src/store/store.ts";
import {
  type ExportFixture,
  exportFixture,
  nameOf,
} from "../export/export_fixture.ts";
import { requirePeers } from "../testing/peers.ts";
import { mustRun } from "../testing/run_command.ts";

const peers = await requirePeers("skopeo", "umoci", "podman");

async function secondStore({ dir }: ExportFixture): Promise<Store> {
  return await Store.open(dir.join("second"), { sync: false });
}

const FORMATS: readonly ExportFormat[] = ["oci-archive", "docker-archive"];
for (const format of FORMATS) {
  Deno.test(`an export as ${format} is the same again after it was imported`, async () => {
    await using kit = await exportFixture();
    await using second = await secondStore(kit);
    const names = ["one", "two", "zstd", "docker"].map(nameOf);
    const [first, again] = [kit.dir.join("1.tar"), kit.dir.join("2.tar")];
    await exportImage(names, first, { store: kit.store, format });
    await importImage(first, { store: second, acceptNames: true });
    await exportImage(names, again, { store: second, format });
    assert.deepEqual(await Deno.readFile(first), await Deno.readFile(again));
  });
}

Deno.test("an image keeps its digest through an OCI folder, and through a pipe", async () => {
  await using kit = await exportFixture();
  await using second = await secondStore(kit);
  const path = kit.dir.join("layout");
  const { store } = kit;
  for (const name of ["one", "multi", "docker"]) {
    await exportImage([nameOf(name)], path, { store, format: "oci-dir" });
    const { readable, writable } = new TransformStream<Uint8Array>({
      // The exporter uses its memory again.
      transform: (chunk, controller) => controller.enqueue(chunk.slice()),
    });
    const [results] = await Promise.all([
      importImage(readable, { store: second, tags: [`piped-${name}`] }),
      exportImage([nameOf(name)], writable, { store }),
    ]);
    const digest = kit.images[name]?.root.descriptor.digest;
    assert.equal(results[0]?.digest, digest);
  }
  const results = await importImage(path, { store: second, acceptNames: true });
  assert.deepEqual(
    results.map(({ reference, digest }) => [reference, digest]),
    ["one", "multi", "docker"].map((
      name,
    ) => [nameOf(name), kit.images[name]?.root.descriptor.digest]),
  );
});

peers.test("what skopeo writes as OCI and docker archives and folders is imported", async () => {
  await using kit = await exportFixture();
  await using second = await secondStore(kit);
  const { dir, store } = kit;
  const layout = dir.join("layout");
  await exportImage(["one:1"], layout, { store, format: "oci-dir" });
  const from = `oci:${layout}:${nameOf("one")}`;
  const forms = ["oci-archive", "docker-archive", "oci"];
  for (const form of forms) {
    const path = dir.join(`skopeo-${form}`);
    await mustRun("skopeo", ["copy", "-q", from, `${form}:${path}:test:1`]);
    const [result] = await importImage(path, {
      store: second,
      image: "test:1",
    });
    const [platform] = result?.platforms ?? [];
    assert.equal(
      platform?.configDigest,
      kit.images["one"]?.config.descriptor.digest,
    );
    const { digest } = kit.images["one"]?.root.descriptor ?? {};
    // A docker archive keeps no manifest.
    assert.equal(result?.digest === digest, form !== "docker-archive");
  }
});

peers.test("what podman saves and umoci makes is imported", async () => {
  await using kit = await exportFixture();
  await using second = await secondStore(kit);
  const { dir, store } = kit;
  const podman = (...args: string[]): Promise<string> =>
    mustRun("podman", [
      ...["--root", dir.join("root"), "--runroot", dir.join("run")],
      ...["--storage-driver", "vfs", ...args],
    ]);
  await exportImage(["one:1"], dir.join("x.tar"), { store });
  await podman("load", "-q", "-i", dir.join("x.tar"));
  for (const form of ["oci-archive", "docker-archive", "oci-dir"]) {
    const path = dir.join(`podman-${form}`);
    await podman("save", "-q", "--format", form, "-o", path, nameOf("one"));
    // podman gives an oci-dir no name.
    const [result] = await importImage(path, {
      store: second,
      tags: [`podman:${form}`],
    });
    assert.equal(
      result?.platforms[0]?.configDigest,
      kit.images["one"]?.config.descriptor.digest,
    );
  }
  const path = dir.join("umoci");
  await mustRun("umoci", ["init", "--layout", path]);
  await mustRun("umoci", ["new", "--image", `${path}:mine`]);
  const options = { store: second, image: "mine", tags: ["made:1"] };
  const [made] = await importImage(path, options);
  assert.deepEqual(made?.platforms[0]?.layers, []);
});

peers.test("an archive that GNU tar has made of a layout folder is imported, hard links too", async () => {
  await using kit = await exportFixture();
  await using second = await secondStore(kit);
  const { dir, store } = kit;
  const layout = dir.join("layout");
  await exportImage(["one:1"], layout, { store, format: "oci-dir" });
  const layer = kit.images["one"]?.layers[0]?.descriptor.digest.slice(7);
  // Before its blob, so that this is what becomes a link.
  await Deno.link(`${layout}/blobs/sha256/${layer}`, `${layout}/aaa`);
  const names = ["aaa", "blobs", "index.json", "oci-layout"];
  await mustRun("tar", ["czf", dir.join("x.tgz"), "-C", layout, ...names]);
  const [result] = await importImage(dir.join("x.tgz"), {
    store: second,
    acceptNames: true,
  });
  assert.equal(result?.digest, kit.images["one"]?.root.descriptor.digest);
});
