import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { mustRun } from "../testing/run_command.ts";

const FOLDER = new URL("../../.github/workflows/", import.meta.url).pathname;

for (const name of ["ci.yml", "release.yml"]) {
  Deno.test(`${name} is YAML, pins every action to a commit, and runs tasks that there are`, async () => {
    // The formatter parses it.
    await mustRun(Deno.execPath(), ["fmt", "--check", `${FOLDER}${name}`]);
    const text = await Deno.readTextFile(`${FOLDER}${name}`);
    const actions = [...text.matchAll(/uses: (.*)/g)];
    assert.notEqual(actions.length, 0);
    for (const [, action = ""] of actions) {
      assert.match(action, /^actions\/[a-z-]+@[0-9a-f]{40} # v[\d.]+$/);
    }
    for (const [, task = ""] of text.matchAll(/ task ([\w:]+)/g)) {
      assert(task in config.tasks, task);
    }
  });
}

Deno.test("release.yml publishes nothing that .ci/run has not passed", async () => {
  const text = await Deno.readTextFile(`${FOLDER}release.yml`);
  assert.match(
    text,
    /^ {2}test:\n[^]*run: \.ci\/run\n {2}release:\n {4}needs: test\n/m,
  );
});
