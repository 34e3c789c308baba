import assert from "node:assert/strict";
import { mustRun } from "../testing/run_command.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { readTar } from "./read_tar.ts";

const MIB = 1024 * 1024;

Deno.test("TarReader reads what GNU tar wrote, in each of its formats", async (t) => {
  await using dir = await tempDir();
  const tree = dir.join("tree");
  const deep = `${"d".repeat(80)}/${"e".repeat(60)}`;
  await Deno.mkdir(`${tree}/${deep}`, { recursive: true });
  await Deno.writeTextFile(`${tree}/${deep}/short`, "short");
  await Deno.writeTextFile(`${tree}/plain`, "plain");
  await Deno.link(`${tree}/plain`, `${tree}/twin`);
  await Deno.symlink("plain", `${tree}/soft`);
  const long = ["ustar", "v7"];
  for (const format of ["v7", "ustar", "oldgnu", "gnu", "posix"]) {
    await t.step(format, async () => {
      const longName = `${tree}/${deep}/${"n".repeat(200)}`;
      if (!long.includes(format)) await Deno.writeTextFile(longName, "long");
      const archive = dir.join(`${format}.tar`);
      const which = format === "v7" ? ["plain", "twin", "soft"] : ["."];
      await mustRun("tar", [
        "--create",
        `--format=${format}`,
        "--sort=name",
        `--file=${archive}`,
        `--directory=${tree}`,
        ...which,
      ]);
      const found = new Map(
        readTar(await Deno.readFile(archive), { chunks: [1000] })
          .map((entry) => [entry.path.replace(/^\.\//, ""), entry]),
      );
      const content = (path: string): string =>
        new TextDecoder().decode(found.get(path)?.content);
      assert.equal(content("plain"), "plain");
      assert.equal(found.get("twin")?.type, "hardlink");
      assert.equal(found.get("soft")?.linkPath, "plain");
      if (format === "v7") return;
      assert.equal(content(`${deep}/short`), "short");
      if (!long.includes(format)) {
        assert.equal(content(`${deep}/${"n".repeat(200)}`), "long");
        await Deno.remove(longName);
      }
    });
  }
});

Deno.test("TarReader reads sparse files as GNU tar wrote them", async (t) => {
  await using dir = await tempDir();
  {
    using file = await Deno.open(dir.join("holes"), {
      write: true,
      create: true,
    });
    for (let index = 0; index < 60; index++) {
      await file.seek(index * MIB / 4, Deno.SeekMode.Start);
      await file.write(new TextEncoder().encode(`piece ${index}`));
    }
    await file.truncate(16 * MIB);
  }
  const expected = await Deno.readFile(dir.join("holes"));
  for (const version of ["old", "0.0", "0.1", "1.0"]) {
    await t.step(version, async () => {
      const form = version === "old"
        ? ["--format=gnu"]
        : ["--format=posix", `--sparse-version=${version}`];
      const archive = dir.join(`${version}.tar`);
      await mustRun("tar", [
        "--create",
        "--sparse",
        ...form,
        `--file=${archive}`,
        `--directory=${dir.path}`,
        "holes",
      ]);
      const bytes = await Deno.readFile(archive);
      assert.ok(bytes.length < MIB, "the archive is sparse");
      const [entry] = readTar(bytes, { chunks: [4000] });
      assert.equal(entry?.path, "holes");
      assert.equal(entry?.sparse, true);
      assert.equal(entry?.content.length, expected.length);
      assert.ok(entry?.content.every((byte, at) => byte === expected[at]));
    });
  }
});
