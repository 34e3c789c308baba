import { equal } from "node:assert/strict";
import { formatWait } from "../../src/http/format_wait.ts";

Deno.test("formatWait() names a wait in its two largest units", () => {
  const cases = [
    [0, "0 s"],
    [1, "1 s"],
    [37_000, "37 s"],
    [60_000, "1 min"],
    [61_500, "1 min 2 s"],
    [3_600_000, "1 h"],
    [18_180_000, "5 h 3 min"],
    [86_400_000, "1 day"],
    [99_999_999_000, "1157 days 9 h"],
  ] as const;
  for (const [ms, text] of cases) equal(formatWait(ms), text);
});
