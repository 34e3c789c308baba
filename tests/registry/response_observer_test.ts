import assert from "node:assert/strict";
import {
  findRateLimit,
  type RateLimit,
} from "../../src/registry/rate_limit.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { setHeaders } from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { openClient } from "./open_client.ts";

const IMAGE = buildImage();

Deno.test("RegistryClient tells of each Warning once, escaped", async () => {
  await using registry = startFakeRegistry({
    faults: [{
      match: /./,
      fault: setHeaders({
        Warning: '299 - "old \\"API\\"", 299 - "two\t\u0085"',
      }),
    }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  await open.client.resolve(reference);
  await open.client.fetchDocument(reference);
  assert.deepEqual(open.warnings, [
    `${registry.host} says: old "API"`,
    `${registry.host} says: two\\x09Â\\x85`,
  ]);
});

Deno.test("RegistryClient listens to a registry with ever new warnings for a while only", async () => {
  let count = 0;
  await using registry = startFakeRegistry({
    faults: [{
      match: /./,
      fault: (response, request) =>
        setHeaders({ Warning: `299 - "number ${count++}"` })(response, request),
    }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  for (let round = 0; round < 120; round++) {
    await open.client.resolve(reference);
  }
  assert.equal(open.warnings.length, 100);
});

Deno.test("RegistryClient tells what is left of a rate limit", async () => {
  await using registry = startFakeRegistry({
    faults: [{
      match: /./,
      fault: setHeaders({
        "RateLimit-Limit": "100;w=21600",
        "RateLimit-Remaining": "76;w=21600",
      }),
    }],
  });
  const reference = registry.push("team/app", "1", IMAGE);
  const told: [RateLimit, string][] = [];
  using open = openClient([registry.host], {
    onRateLimit: (limit, name) => told.push([limit, name]),
  });
  assert.equal(open.client.findRateLimit(registry.host), undefined);
  await open.client.resolve(reference);
  const limit = { limit: 100, remaining: 76, windowS: 21_600 };
  assert.deepEqual(open.client.findRateLimit(registry.host), limit);
  assert.deepEqual(told, [[limit, registry.host]]);
});

Deno.test("findRateLimit() reads what is there", () => {
  const cases:
    readonly (readonly [Record<string, string>, RateLimit | undefined])[] = [
      [{}, undefined],
      [{ "ratelimit-limit": "100" }, undefined],
      [{ "ratelimit-remaining": "5" }, { remaining: 5 }],
      [{ "ratelimit-remaining": "5;w=60" }, { remaining: 5, windowS: 60 }],
      [{ "ratelimit-remaining": "-1" }, undefined],
      [{ "ratelimit-remaining": "many" }, undefined],
      [{ "ratelimit-remaining": "0", "ratelimit-limit": "x" }, {
        remaining: 0,
      }],
    ];
  for (const [headers, expected] of cases) {
    assert.deepEqual(findRateLimit(new Headers(headers)), expected);
  }
});
