import assert from "node:assert/strict";
import { findProtection } from "../../src/registry/protection.ts";

Deno.test("findProtection() prefers Bearer, then Basic", () => {
  assert.deepEqual(
    findProtection(
      'Basic realm="a", Bearer realm="b",service="s",scope="c"',
      "x",
    ),
    {
      kind: "bearer",
      realm: "b",
      service: "s",
      scope: "c",
    },
  );
  assert.deepEqual(findProtection("Negotiate, Basic realm=a", "x"), {
    kind: "basic",
  });
  assert.equal(findProtection("Negotiate", "x"), undefined);
  assert.equal(findProtection(null, "x"), undefined);
});

Deno.test("findProtection() asks to pull the repository where the challenge names no scope", () => {
  const scopeFor = (repository: string, field = "Bearer realm=r") => {
    const found = findProtection(field, repository);
    return found?.kind === "bearer" ? found.scope : undefined;
  };
  assert.equal(scopeFor("team/app"), "repository:team/app:pull");
  assert.equal(scopeFor(""), "");
  assert.equal(scopeFor("a", 'Bearer realm=r,scope=""'), "repository:a:pull");
  assert.equal(
    scopeFor("a", `Bearer realm=r,scope="${"x".repeat(3000)}"`),
    "repository:a:pull",
  );
});

Deno.test("findProtection() passes over a Bearer challenge without a realm", () => {
  assert.deepEqual(findProtection("Bearer service=x, Basic realm=y", "a"), {
    kind: "basic",
  });
});
