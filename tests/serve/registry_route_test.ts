import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRoute } from "../../src/serve/registry_route.ts";
import { findDigest } from "../../src/spec/digest.ts";
import { findRepositoryFault } from "../../src/spec/repository_name.ts";

const HEX = "a".repeat(64);

Deno.test("parseRoute() tells the endpoints apart by the last of their names", () => {
  const repository = { name: "team/app" };
  const cases: [string, unknown][] = [
    ["/v2/", { kind: "base" }],
    ["/v2/team/app/manifests/v1", {
      kind: "manifest",
      repository,
      key: { tag: "v1" },
    }],
    [`/v2/team/app/manifests/sha256%3A${HEX}`, {
      kind: "manifest",
      repository,
      key: { digest: `sha256:${HEX}` },
    }],
    [`/v2/team/app/blobs/sha512:${HEX}${HEX}`, {
      kind: "blob",
      repository,
      digest: `sha512:${HEX}${HEX}`,
    }],
    [`/v2/team/app/referrers/sha256:${HEX}`, {
      kind: "referrers",
      repository,
      digest: `sha256:${HEX}`,
    }],
    ["/v2/team/app/tags/list?n=1", { kind: "tags", repository }],
    ["/v2/a/manifests/b/tags/list", {
      kind: "tags",
      repository: { name: "a/manifests/b" },
    }],
    ["/v2/team/app/tags/list?ns=docker.io", {
      kind: "tags",
      repository: { ...repository, namespace: "docker.io" },
    }],
    ["/v2/team/app/tags/list?ns=", { kind: "tags", repository }],
  ];
  for (const [path, expected] of cases) {
    assert.deepEqual(parseRoute(new URL(path, "http://a")), expected, path);
  }
});

Deno.test("parseRoute() lets nothing past that has not its grammar, whatever the path", () => {
  const part = fc.oneof(
    fc.constantFrom("a", "..", ".", "%2e%2e", "%2f", "", "%", "manifests"),
    fc.webSegment(),
    fc.string(),
    fc.constant(`sha256:${HEX}`),
  );
  const end = fc.constantFrom("manifests", "blobs", "tags", "referrers");
  const path = fc.tuple(fc.array(part), end, part)
    .map(([name, kind, last]) => `/v2/${name.join("/")}/${kind}/${last}`);
  fc.assert(
    fc.property(path, (text) => {
      fc.pre(URL.canParse(text, "http://a"));
      const route = parseRoute(new URL(text, "http://a"));
      if (route instanceof Response) {
        assert.ok(route.status === 404 || route.status === 400);
        return;
      }
      if (route.kind === "base" || route.kind === "catalog") return;
      assert.equal(findRepositoryFault(route.repository.name), undefined);
      if (route.kind === "tags") return;
      const digest = route.kind !== "manifest"
        ? route.digest
        : "digest" in route.key
        ? route.key.digest
        : undefined;
      if (digest !== undefined) assert.equal(findDigest(digest), digest);
    }),
    { numRuns: 2000 },
  );
});
