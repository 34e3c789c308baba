import assert from "node:assert/strict";
import { findTestsOf } from "../../.build/find_tests_of.ts";
import { tempDir } from "../testing/temp_dir.ts";

Deno.test("findTestsOf() follows imports through the kits of tests, and no further", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(dir.join("cli"));
  await Deno.mkdir(dir.join("testing"));
  const files = {
    "testing/run.ts": "",
    "testing/kit.ts": 'import { run } from "./run.ts";',
    "testing/run_test.ts": 'import {\n  a,\n} from "./run.ts";',
    "cli/a_test.ts": 'import { kit } from "../testing/kit.ts";',
    "cli/b_test.ts": 'import { run } from "./run.ts";',
    "cli/run.ts": 'import type { Kit } from "../testing/other.ts";',
  };
  for (const [path, text] of Object.entries(files)) {
    await Deno.writeTextFile(dir.join(path), text);
  }
  assert.deepEqual(await findTestsOf(dir.path, "testing/run.ts"), [
    "cli/a_test.ts",
    "testing/run_test.ts",
  ]);
});
