import { deepEqual, equal, ok } from "node:assert/strict";
import { Deadlines } from "../../src/http/deadlines.ts";

/** Waits for a deadline, which holds the process. */
function past(deadlines: Deadlines, afterMs: number): Promise<void> {
  return new Promise((resolve) => deadlines.begin(afterMs, resolve));
}

Deno.test("Deadlines calls what is past, in whichever order they began", async () => {
  const deadlines = new Deadlines({ holdsProcess: true });
  const called: number[] = [];
  deadlines.begin(30, () => called.push(30));
  deadlines.begin(5, () => called.push(5));
  await past(deadlines, 60);
  deepEqual(called, [5, 30]);
});

Deno.test("Deadlines calls nothing that was ended, and leaves no timer behind", async () => {
  const deadlines = new Deadlines({ holdsProcess: true });
  let called = 0;
  const ended = deadlines.begin(1, () => called++);
  deadlines.end(ended);
  deadlines.end(ended);
  deadlines.end(undefined);
  await past(deadlines, 20);
  equal(called, 0);
  deadlines.end(deadlines.begin(60_000, () => called++));
});

Deno.test("Deadlines goes on to the next where the first was ended", async () => {
  const deadlines = new Deadlines({ holdsProcess: true });
  const first = deadlines.begin(5, () => {
    throw new Error("ended");
  });
  const next = past(deadlines, 15);
  deadlines.end(first);
  await next;
});

Deno.test("Deadlines lets one that is past begin another", async () => {
  const deadlines = new Deadlines({ holdsProcess: true });
  await new Promise<void>((resolve) =>
    deadlines.begin(1, () => deadlines.begin(1, resolve))
  );
});

Deno.test("Deadlines sets no timer that would go off at once for what is weeks away, or for ever", () => {
  const { setTimeout } = globalThis;
  const delays: unknown[] = [];
  globalThis.setTimeout = new Proxy(setTimeout, {
    apply(target, self, args) {
      delays.push(args[1]);
      return Reflect.apply(target, self, args);
    },
  });
  try {
    const deadlines = new Deadlines();
    for (const afterMs of [2 ** 40, Infinity]) {
      deadlines.end(deadlines.begin(afterMs, () => {}));
    }
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  deepEqual(delays, [2 ** 31 - 1]);
});

Deno.test("Deadlines lets the process end by default", async () => {
  const module = new URL("../../src/http/deadlines.ts", import.meta.url).href;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { Deadlines } from ${JSON.stringify(module)};
      new Deadlines().begin(600_000, () => {});`,
    ],
    signal: AbortSignal.timeout(20_000),
  }).output();
  ok(success, new TextDecoder().decode(stderr));
});
