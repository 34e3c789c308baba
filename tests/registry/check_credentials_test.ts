import assert from "node:assert/strict";
import { AuthError, NotFoundError } from "../../src/errors.ts";
import type { Credential } from "../../src/registry/credential.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { answerStatus } from "../testing/faults.ts";
import { openClient } from "./open_client.ts";

const account = (password: string): Credential => ({
  kind: "basic",
  username: "me",
  password,
  origin: "the command line",
});

for (const kind of ["basic", "bearer"] as const) {
  Deno.test(`RegistryClient.checkCredentials() tells good from bad at a ${kind} registry`, async () => {
    await using registry = startFakeRegistry({
      auth: { kind, users: { me: "x" } },
    });
    using open = openClient([registry.host]);
    assert.equal(
      await open.client.checkCredentials(registry.host, account("x")),
      "accepted",
    );
    await assert.rejects(
      open.client.checkCredentials(registry.host, account("hunter2")),
      (error) => {
        assert.ok(error instanceof AuthError);
        assert.match(
          error.message,
          /^Cannot log in to .* refuses the credentials from the command/,
        );
        assert.doesNotMatch(Deno.inspect(error), /hunter2/);
        return true;
      },
    );
    assert.ok(
      registry.requests.every(({ path }) =>
        path === "/v2/" || path === "/token"
      ),
    );
    assert.ok(registry.tokenRequests.every(({ query }) => !query.has("scope")));
  });
}

Deno.test("RegistryClient.checkCredentials() takes an identity token", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", anonymous: false, identityToken: "refresh" },
  });
  using open = openClient([registry.host]);
  const token: Credential = {
    kind: "identity-token",
    token: "refresh",
    origin: "x",
  };
  assert.equal(
    await open.client.checkCredentials(registry.host, token),
    "accepted",
  );
});

Deno.test("RegistryClient.checkCredentials() says that no login is needed", async () => {
  await using registry = startFakeRegistry();
  using open = openClient([registry.host]);
  assert.equal(
    await open.client.checkCredentials(registry.host, account("x")),
    "not-needed",
  );
  assert.deepEqual(
    registry.requests.map(({ headers }) => headers.get("authorization")),
    [null],
  );
});

Deno.test("RegistryClient.checkCredentials() says that a host is no registry", async () => {
  await using registry = startFakeRegistry({
    faults: [{ match: /./, fault: answerStatus(404) }],
  });
  using open = openClient([registry.host]);
  await assert.rejects(
    open.client.checkCredentials(registry.host, account("x")),
    NotFoundError,
  );
});

Deno.test("RegistryClient.checkCredentials() asks the registry itself, not a mirror, nor the client's own credentials", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "basic", users: { me: "x" } },
  });
  using open = openClient([registry.host], {
    credentials: { find: () => assert.fail("looked up") },
  });
  assert.equal(
    await open.client.checkCredentials(registry.host, account("x")),
    "accepted",
  );
});
