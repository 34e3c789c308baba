import assert from "node:assert/strict";
import { requirePeers } from "./peers.ts";
import { type CommandResult, runCommand } from "./run_command.ts";
import { tempDir } from "./temp_dir.ts";

/** Where no program is found, none can be installed either. */
async function testWithoutPrograms(
  env: Record<string, string>,
): Promise<CommandResult> {
  await using dir = await tempDir();
  const file = dir.join("left_out_test.ts");
  const peers = new URL("peers.ts", import.meta.url).href;
  await Deno.writeTextFile(
    file,
    `import { requirePeers } from ${JSON.stringify(peers)};\n` +
      `(await requirePeers("perl")).test("needs it", () => {});\n`,
  );
  return await runCommand(Deno.execPath(), ["test", "-A", file], {
    env: { PATH: "/nowhere", NO_COLOR: "1", CI: "", ...env },
  });
}

Deno.test("requirePeers() finds what is there", async () => {
  assert.deepEqual((await requirePeers("perl")).missing, []);
});

Deno.test("requirePeers() says what it leaves out, and ignores those tests", async () => {
  const result = await testWithoutPrograms({});
  assert.match(result.stdout + result.stderr, /LEFT OUT: tests need perl/);
  assert.match(result.stdout, /0 passed \| 0 failed \| 1 ignored/);
});

Deno.test("requirePeers() fails where CI is true", async () => {
  const result = await testWithoutPrograms({ CI: "true" });
  assert.notEqual(result.code, 0);
  assert.match(result.stdout + result.stderr, /tests need perl/);
});
