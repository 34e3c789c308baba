import assert from "node:assert/strict";
import { bundleProgram } from "../../.build/bundle_program.ts";
import { makeImage } from "../../.build/make_image.ts";
import { OperationError } from "../../src/errors.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage } from "../testing/image_builder.ts";
import { mustRun, runCommand } from "../testing/run_command.ts";
import { canMountDisks } from "../testing/small_disk.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";
import { runDray } from "../testing/run_dray.ts";

const ignore = !await canMountDisks();

/** Deno reads /proc/self, which every container has. */
async function mountProc(path: string): Promise<AsyncDisposable> {
  await Deno.mkdir(path);
  await mustRun("mount", ["--bind", "/proc", path]);
  return {
    async [Symbol.asyncDispose]() {
      await mustRun("umount", ["--lazy", path]);
    },
  };
}

/** The libraries that Deno needs, from this machine: the least that a base has. */
async function readLibraries(): Promise<Record<string, Uint8Array>> {
  const listed = await mustRun("ldd", [Deno.execPath()]);
  const files: Record<string, Uint8Array> = {};
  for (const [path] of listed.matchAll(/\/\S+/g)) {
    files[path.slice(1)] = await Deno.readFile(path);
  }
  return files;
}

async function make(
  dir: TempDir,
  name: string,
  base: string,
  deno: Uint8Array,
): Promise<Uint8Array> {
  const scratch = dir.join(name);
  await Deno.mkdir(scratch);
  const out = dir.join(`${name}.tar`);
  const bundle = dir.join("bundle");
  const platform = "linux/amd64";
  const parts = { base, platform, deno, bundle, scratch, level: 1 };
  await makeImage(parts, out);
  return await Deno.readFile(out);
}

Deno.test("makeImage() makes the same archive from the same parts, and keeps what the base says", async () => {
  await using dir = await tempDir();
  await using registry = startFakeRegistry();
  const config = { Env: ["A=1"], User: "65532", Cmd: ["sh"] };
  const image = buildImage({ config: { config } });
  const base = registry.push("base", "1", image);
  await bundleProgram(dir.join("bundle"));
  const deno = new TextEncoder().encode("a program");
  const one = await make(dir, "one", base, deno);
  assert.deepEqual(one, await make(dir, "two", base, deno));

  const store = `--store=${dir.join("store")}`;
  const name = "localhost/dray:0.1.0";
  const archive = dir.join("one.tar");
  const imported = await runDray(["import", store, "--accept-names", archive]);
  assert.equal(imported.code, 0, imported.stderr);
  const raw = await runDray(["inspect", store, "--config", name]);
  const made = JSON.parse(raw.stdout);
  assert.equal(made.config.User, "65532");
  assert.deepEqual(made.config.Cmd, []);
  assert.equal(made.config.Entrypoint[0], "/usr/lib/dray/dray");
  assert.deepEqual(made.config.Env.slice(0, 1), ["A=1"]);
  assert.equal(made.rootfs.diff_ids.length, 2);
  const unpacked = dir.join("rootfs");
  await runDray(["unpack", store, name, unpacked]);
  const program = `${unpacked}/usr/lib/dray/dray`;
  assert.equal(await Deno.readTextFile(program), "a program");
  assert.equal(((await Deno.stat(program)).mode ?? 0) & 0o777, 0o755);
});

Deno.test({
  name:
    "the image of dray runs with nothing around it but the libraries that Deno needs",
  ignore,
  fn: async () => {
    await using dir = await tempDir();
    await using registry = startFakeRegistry();
    const layers = [{ files: await readLibraries() }];
    const image = buildImage({ layers });
    const base = registry.push("base", "1", image);
    await bundleProgram(dir.join("bundle"));
    await make(dir, "image", base, await Deno.readFile(Deno.execPath()));
    const store = `--store=${dir.join("store")}`;
    const archive = dir.join("image.tar");
    await runDray(["import", "-q", store, "--tag=dray:1", archive]);
    const raw = await runDray(["inspect", store, "--config", "dray:1"]);
    const { Entrypoint, Env } = JSON.parse(raw.stdout).config;
    const rootfs = dir.join("rootfs");
    await runDray(["unpack", "-q", store, "dray:1", rootfs]);
    await Deno.mkdir(`${rootfs}/tmp`);
    await Deno.mkdir(`${rootfs}/store`);
    for (const library of Object.keys(await readLibraries())) {
      await Deno.chmod(`${rootfs}/${library}`, 0o755);
    }
    await using _proc = await mountProc(`${rootfs}/proc`);
    const command = [rootfs, ...Entrypoint, "demo", "-q", "--store=/store"];
    const result = await runCommand("/usr/sbin/chroot", command, {
      env: Object.fromEntries(Env.map((text: string) => text.split("="))),
      clearEnv: true,
    });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /\/dray\/sample:1@sha256:/);
  },
});

Deno.test("makeImage() says what dray says when the base can't be had", async () => {
  await using dir = await tempDir();
  await using registry = startFakeRegistry();
  const base = `${registry.host}/none:1`;
  const platform = "linux/amd64";
  const deno = new Uint8Array();
  const bundle = dir.join("bundle");
  const scratch = dir.path;
  const parts = { base, platform, deno, bundle, scratch };
  await assert.rejects(makeImage(parts, dir.join("out.tar")), (error) => {
    assert(error instanceof OperationError);
    assert(error.message.includes(`${registry.host}/none`), error.message);
    return true;
  });
});
