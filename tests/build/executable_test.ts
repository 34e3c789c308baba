import assert from "node:assert/strict";
import { bundleProgram } from "../../.build/bundle_program.ts";
import { readBundle } from "../../.build/read_bundle.ts";
import { selfExtractingFile } from "../../.build/self_extracting_file.ts";
import { buildImage } from "../testing/image_builder.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { mustRun, runCommand } from "../testing/run_command.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";

/** The real program, with the Deno that runs the tests. */
async function buildExecutable(dir: TempDir): Promise<string> {
  await bundleProgram(dir.join("bundle"));
  const bytes = await selfExtractingFile({
    target: "test",
    machines: "*",
    program: await Deno.readFile(Deno.execPath()),
    files: await readBundle(dir.join("bundle")),
    level: 1,
  });
  await Deno.writeFile(dir.join("dray"), bytes, { mode: 0o755 });
  return dir.join("dray");
}

/** What would lead another Deno, or Node, astray. */
const FOREIGN = {
  DENO_CERT: "/no/such/file",
  DENO_SERVE_ADDRESS: "tcp:127.0.0.1:1",
  DENO_TLS_CA_STORE: "odd",
  DENO_V8_FLAGS: "--odd",
  NODE_OPTIONS: "--require /no/such/file",
};
const BROKEN_FILES = [
  ".npmrc",
  "deno.json",
  "deno.lock",
  "import_map.json",
  "package.json",
  "tsconfig.json",
];

Deno.test("the executable", async (t) => {
  await using dir = await tempDir();
  await using registry = startFakeRegistry();
  const executable = await buildExecutable(dir);
  const cache = dir.join("cache");
  const home = dir.join("home");
  await Deno.mkdir(home);
  const env = {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: home,
    DRAY_CACHE: cache,
    DRAY_HOME: dir.join("store"),
  };
  const options = { env, clearEnv: true, cwd: home };

  await t.step(
    "runs whatever another Deno's files and variables say, and reads none of them",
    async () => {
      for (const name of BROKEN_FILES) {
        await Deno.writeTextFile(`${home}/${name}`, "{ broken");
      }
      const foreign = { ...options, env: { ...env, ...FOREIGN } };
      const demo = await runCommand(executable, ["demo", "-q"], foreign);
      assert.deepEqual([demo.code, demo.stderr], [0, ""]);
      assert.match(demo.stdout, /^127\.0\.0\.1:\d+\/dray\/sample:1@sha256:/);
    },
  );

  await t.step(
    "writes nothing to the home folder but to its cache and the store",
    () => {
      const names = [...Deno.readDirSync(home)].map(({ name }) => name).sort();
      assert.deepEqual(names, BROKEN_FILES);
    },
  );

  await t.step(
    "decompresses large layers on the thread that it carries, and ends",
    async () => {
      const image = buildImage({
        layers: [{ randomBytes: 3_000_000 }, { randomBytes: 3_000_000 }],
      });
      const reference = registry.push("team/app", "v1", image);
      const [{ name: app } = { name: "" }] = Deno.readDirSync(cache);
      const mark = dir.join("mark");
      await Deno.writeTextFile(
        `${cache}/${app}/decompress_worker.ts`,
        `Deno.writeTextFileSync(${JSON.stringify(mark)}, "");\n`,
        { append: true },
      );
      await mustRun(executable, ["pull", "-q", reference], options);
      const rootfs = dir.join("rootfs");
      // A thread that is not ended keeps the program from ending.
      const unpack = ["60", executable, "unpack", reference, rootfs];
      await mustRun("timeout", unpack, options);
      assert.equal(Deno.statSync(mark).isFile, true);
      assert.notEqual([...Deno.readDirSync(rootfs)].length, 0);
    },
  );
});
