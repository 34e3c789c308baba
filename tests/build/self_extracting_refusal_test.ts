import assert from "node:assert/strict";
import { runCommand } from "../testing/run_command.ts";
import { canMountDisks, smallDisk } from "../testing/small_disk.ts";
import { type FakeExecutable, fakeExecutable } from "./fake_executable.ts";

const ignoreDisks = !await canMountDisks();
const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

/** What it says, which must be two lines, with the file's own folder as DIR. */
async function refuse(
  dray: FakeExecutable,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly [code: number, error: string, hint: string]> {
  const result = await runCommand(dray.path, ["args", "x"], {
    env: { ...dray.env, ...env },
    clearEnv: true,
  });
  const text = result.stderr.replaceAll(dray.join().replace(/\/$/, ""), "DIR")
    .replaceAll(/[0-9a-f]{64}/g, "HASH");
  const [error = "", hint = "", ...rest] = text.split("\n");
  assert.deepEqual([result.stdout, rest], ["", [""]], result.stderr);
  return [result.code, error, hint];
}

const ANOTHER = "hint: DRAY_CACHE=DIR names another folder";

Deno.test("a self-extracting file that is not whole says so and runs nothing of it", async () => {
  await using dray = await fakeExecutable();
  const { size } = await Deno.stat(dray.path);
  await Deno.truncate(dray.path, size - 100);
  assert.deepEqual(await refuse(dray), [
    6,
    `dray: error: Cannot unpack "DIR/dray": it has ${
      size - 100
    } of ${size} bytes`,
    "hint: download it again",
  ]);
  assert.deepEqual([...Deno.readDirSync(dray.cache)], []);
});

Deno.test("a self-extracting file that is damaged says so and runs nothing of it", async () => {
  await using dray = await fakeExecutable();
  const bytes = await Deno.readFile(dray.path);
  const last = bytes.length - 20;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  await Deno.writeFile(dray.path, bytes);
  assert.deepEqual(await refuse(dray), [
    6,
    'dray: error: Cannot unpack "DIR/dray": it is damaged',
    "hint: download it again",
  ]);
  assert.deepEqual([...Deno.readDirSync(dray.cache)], []);
});

Deno.test("a self-extracting file says that there is no home folder, and takes DRAY_CACHE instead", async () => {
  await using dray = await fakeExecutable();
  assert.deepEqual(await refuse(dray, { DRAY_CACHE: "" }), [
    7,
    "dray: error: Cannot choose a cache folder to unpack dray to: HOME is not set",
    "hint: DRAY_CACHE=DIR names one",
  ]);
});

Deno.test("a self-extracting file takes DRAY_CACHE before an absolute XDG_CACHE_HOME before HOME", async () => {
  await using dray = await fakeExecutable();
  const run = async (env: Readonly<Record<string, string>>) => {
    const { stdout, stderr } = await runCommand(dray.path, ["where"], {
      env: { PATH: dray.env.PATH ?? "", ...env },
      clearEnv: true,
      cwd: dray.join(),
    });
    assert.equal(stderr, "");
    return stdout.split("\n", 1)[0]?.replace(/\/[0-9a-f]{64}\/dray$/, "");
  };
  const HOME = dray.join("home");
  const XDG_CACHE_HOME = dray.join("xdg");
  assert.equal(await run({ HOME }), `${HOME}/.cache/dray`);
  assert.equal(await run({ HOME, XDG_CACHE_HOME }), `${XDG_CACHE_HOME}/dray`);
  const relative = { HOME, XDG_CACHE_HOME: "xdg" };
  assert.equal(await run(relative), `${HOME}/.cache/dray`);
  const own = await run({ HOME, XDG_CACHE_HOME, DRAY_CACHE: "own folder" });
  assert.match(own ?? "", /\/own folder$/);
});

Deno.test("a self-extracting file says why its cache folder can't be made", async () => {
  await using dray = await fakeExecutable();
  await Deno.writeTextFile(dray.cache, "a file");
  assert.deepEqual(
    await refuse(dray, { DRAY_CACHE: `${dray.cache}/\n\x1b[31m` }),
    [
      7,
      'dray: error: Cannot make the cache folder "DIR/cache/??[31m": Not a directory',
      ANOTHER,
    ],
  );
});

Deno.test("a self-extracting file for another machine says so", async () => {
  await using dray = await fakeExecutable({ machines: '"Plan9 mips"' });
  const [code, error] = await refuse(dray);
  assert.equal(code, 7);
  assert.match(
    error,
    /^dray: error: Cannot run on \w+ \w+: this is dray for test-machine$/,
  );
});

Deno.test("a self-extracting file says that its program can't be run, and keeps nothing of it", async () => {
  await using dray = await fakeExecutable({ program: "#!/no/such/loader\n" });
  const [code, error, hint] = await refuse(dray);
  assert.equal(code, 7);
  assert.match(
    error,
    /^dray: error: Cannot run what was unpacked to "DIR\/cache": (not found|No such file or directory|.*loader.*)$/,
  );
  assert.match(hint, /glibc .*; if it is mounted noexec, DRAY_CACHE=DIR/);
  assert.deepEqual([...Deno.readDirSync(dray.cache)], []);
});

Deno.test("a self-extracting file runs nothing from a folder that anybody may write in", async () => {
  await using dray = await fakeExecutable();
  await Deno.mkdir(dray.cache);
  await Deno.chmod(dray.cache, 0o777);
  assert.deepEqual(await refuse(dray), [
    7,
    'dray: error: Cannot use the cache folder "DIR/cache": anybody may write in it',
    "hint: chmod o-w it, or DRAY_CACHE=DIR names another folder",
  ]);
});

Deno.test("a self-extracting file follows no link that stands where it would unpack to", async () => {
  await using dray = await fakeExecutable();
  const options = { env: dray.env, clearEnv: true };
  await runCommand(dray.path, ["args"], options);
  const [{ name } = { name: "" }] = Deno.readDirSync(dray.cache);
  const app = `${dray.cache}/${name}`;
  await Deno.rename(app, dray.join("elsewhere"));
  await Deno.symlink(dray.join("elsewhere"), app);
  assert.deepEqual(await refuse(dray), [
    7,
    'dray: error: Cannot use "DIR/cache/HASH": it is not this user\'s own',
    "hint: remove it, or DRAY_CACHE=DIR names another folder",
  ]);
});

Deno.test({
  name: "a self-extracting file runs nothing that another user planted",
  ignore: !isRoot,
  fn: async () => {
    await using dray = await fakeExecutable();
    const options = { env: dray.env, clearEnv: true };
    await runCommand(dray.path, ["args"], options);
    const [{ name } = { name: "" }] = Deno.readDirSync(dray.cache);
    await Deno.chown(`${dray.cache}/${name}`, 65534, 65534);
    assert.deepEqual(await refuse(dray), [
      7,
      'dray: error: Cannot use "DIR/cache/HASH": it is not this user\'s own',
      "hint: remove it, or DRAY_CACHE=DIR names another folder",
    ]);
    await Deno.chown(dray.cache, 65534, 65534);
    assert.deepEqual(await refuse(dray), [
      7,
      'dray: error: Cannot use the cache folder "DIR/cache": it belongs to another user',
      ANOTHER,
    ]);
  },
});

Deno.test({
  name:
    "a self-extracting file says that the disk of its cache is full, and leaves no half of it",
  ignore: ignoreDisks,
  fn: async () => {
    await using dray = await fakeExecutable({ main: "x".repeat(1 << 20) });
    await using disk = await smallDisk(256);
    const [code, error, hint] = await refuse(dray, {
      DRAY_CACHE: `${disk.path}/dray`,
    });
    assert.equal(code, 7);
    assert.match(
      error,
      /^dray: error: Cannot unpack dray to ".*": No space left on device$/,
    );
    assert.equal(hint, ANOTHER);
    assert.deepEqual([...Deno.readDirSync(`${disk.path}/dray`)], []);
  },
});

for (const option of ["noexec", "ro"]) {
  Deno.test({
    name:
      `a self-extracting file says why it can't use a cache that is mounted ${option}`,
    ignore: ignoreDisks,
    fn: async () => {
      await using dray = await fakeExecutable();
      await using disk = await smallDisk(1024);
      await runCommand("mount", ["-o", `remount,${option}`, disk.path]);
      const [code, error, hint] = await refuse(dray, { DRAY_CACHE: disk.path });
      assert.equal(code, 7);
      assert.match(
        error,
        option === "ro"
          ? /^dray: error: Cannot write in ".*": Read-only file system$/
          : /^dray: error: Cannot run what was unpacked to ".*": Permission denied$/,
      );
      assert.match(hint, /DRAY_CACHE=DIR names another folder$/);
    },
  });
}

Deno.test({
  name:
    "a self-extracting file runs from a cache that has become read-only since",
  ignore: ignoreDisks,
  fn: async () => {
    await using dray = await fakeExecutable();
    await using disk = await smallDisk(1024);
    const env = { ...dray.env, DRAY_CACHE: disk.path };
    const options = { env, clearEnv: true };
    const first = await runCommand(dray.path, ["args", "x"], options);
    await runCommand("mount", ["-o", "remount,ro", disk.path]);
    assert.deepEqual(
      await runCommand(dray.path, ["args", "x"], options),
      first,
    );
    assert.deepEqual([first.code, first.stdout, first.stderr], [0, "<x>", ""]);
  },
});
