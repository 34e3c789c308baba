import assert from "node:assert/strict";
import { NotFoundError, UnavailableError } from "../../../src/errors.ts";
import { UpstreamPatience } from "../../../src/serve/mirror/upstream_patience.ts";

const NEVER = { signal: new AbortController().signal };
const DOWN = new UnavailableError("unreachable", "it is down");

Deno.test("UpstreamPatience.ask() asks nothing for a while after upstream was unavailable", async () => {
  let nowMs = 0;
  let asked = 0;
  const patience = new UpstreamPatience({ pauseMs: 100, now: () => nowMs });
  const fail = (): Promise<never> => {
    asked++;
    return Promise.reject(DOWN);
  };
  await assert.rejects(patience.ask("a:1", fail, NEVER), DOWN);
  nowMs = 99;
  await assert.rejects(patience.ask("a:1", fail, NEVER), {
    code: "timeout",
    message: 'Cannot ask for "a:1": upstream failed a moment ago',
  });
  assert.equal(asked, 1);
  nowMs = 100;
  await assert.rejects(patience.ask("a:1", fail, NEVER), DOWN);
  assert.equal(asked, 2);
});

Deno.test("UpstreamPatience.ask() goes on asking where upstream answers that there is nothing", async () => {
  const patience = new UpstreamPatience({ now: () => 0 });
  const none = new NotFoundError("not-found", "it is not there");
  const ask = (): Promise<never> => Promise.reject(none);
  await assert.rejects(patience.ask("a:1", ask, NEVER), none);
  assert.equal(await patience.ask("a:1", () => Promise.resolve(1), NEVER), 1);
});

Deno.test("UpstreamPatience.ask() waits no longer than it may, and ends the question", async () => {
  const patience = new UpstreamPatience({ waitMs: 1 });
  const never = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  await assert.rejects(patience.ask("a:1", never, NEVER), {
    code: "timeout",
    message: 'Cannot ask for "a:1": upstream takes too long',
  });
});

Deno.test("UpstreamPatience.ask() takes a client that left for no failure of upstream", async () => {
  const patience = new UpstreamPatience({ now: () => 0 });
  const reason = new Error("gone");
  const leave = AbortSignal.abort(reason);
  const ask = (signal: AbortSignal): Promise<never> =>
    Promise.reject(signal.reason);
  await assert.rejects(patience.ask("a:1", ask, { signal: leave }), reason);
  assert.equal(await patience.ask("a:1", () => Promise.resolve(1), NEVER), 1);
});
