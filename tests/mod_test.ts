import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const MODULE = fileURLToPath(new URL("../src/mod.ts", import.meta.url));

Deno.test("mod.ts has no type errors with the compiler options that a consumer has by default", async () => {
  const check = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--no-config", "--no-lock", MODULE],
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(new TextDecoder().decode(check.stderr), "");
});
