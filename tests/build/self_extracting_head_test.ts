import assert from "node:assert/strict";
import { selfExtractingHead } from "../../.build/self_extracting_head.ts";
import { TARGETS } from "../../.build/targets.ts";
import { requirePeers } from "../testing/peers.ts";
import { mustRun } from "../testing/run_command.ts";

const peers = await requirePeers("shellcheck");

for (const { name, deno } of TARGETS) {
  if (deno === undefined) continue;
  peers.test(`selfExtractingHead() passes shellcheck, and knows its own size, when it is for ${name}`, async () => {
    const head = selfExtractingHead({
      target: name,
      machines: deno.machines,
      payloadBytes: 42_000_000,
      sha256: "0".repeat(64),
      paths: ["main.js", "deno.json"],
    });
    await mustRun("shellcheck", ["-s", "sh", "-"], { stdin: head });
    assert.doesNotMatch(head, /@[A-Z0-9]+@/);
    assert(head.includes(`tail -c +${head.length + 1} `));
    assert(head.includes(`-eq ${head.length + 42_000_000} `));
    assert(head.endsWith("\nexit 7\n"));
  });
}
