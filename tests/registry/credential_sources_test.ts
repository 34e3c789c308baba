import assert from "node:assert/strict";
import { LocalError, UsageError } from "../../src/errors.ts";
import {
  createCredentialSource,
  type CredentialLookup,
  type CredentialOptions,
} from "../../src/registry/credential_sources.ts";
import { tempDir } from "../testing/temp_dir.ts";

const config = (auths: Readonly<Record<string, string>>) =>
  JSON.stringify({
    auths: Object.fromEntries(
      Object.entries(auths).map((
        [key, user],
      ) => [key, { auth: btoa(`${user}:pw`) }]),
    ),
  });

async function userFor(
  options: CredentialOptions,
  registry: string,
  repository = "team/app",
): Promise<string | undefined> {
  const found = await createCredentialSource(options).find(
    registry,
    repository,
  );
  return found?.kind === "basic" ? found.username : undefined;
}

Deno.test("createCredentialSource() looks in the places in their order", async () => {
  await using dir = await tempDir();
  const file = async (name: string) => {
    await Deno.writeTextFile(dir.join(name), config({ "quay.io": name }));
    return dir.join(name);
  };
  const all: Required<
    Pick<
      CredentialOptions,
      | "explicit"
      | "dockerAuthConfig"
      | "registryAuthFile"
      | "containersAuthFiles"
      | "dockerConfigFile"
    >
  > = {
    explicit: {
      registry: "quay.io",
      credential: {
        kind: "basic",
        username: "flags",
        password: "x",
        origin: "flags",
      },
    },
    dockerAuthConfig: config({ "quay.io": "variable" }),
    registryAuthFile: await file("registry-auth-file"),
    containersAuthFiles: [
      await file("containers-1"),
      await file("containers-2"),
    ],
    dockerConfigFile: await file("docker"),
  };
  const order = [
    "flags",
    "variable",
    "registry-auth-file",
    "containers-1",
    "docker",
  ];
  const keys = Object.keys(all);
  for (const [index, user] of order.entries()) {
    const left = Object.fromEntries(Object.entries(all).slice(index));
    assert.equal(await userFor(left, "quay.io"), user, keys[index]);
  }
  assert.equal(await userFor(all, "other.io"), undefined);
});

Deno.test("createCredentialSource() goes on to the next place where one has nothing", async () => {
  const options = {
    explicit: {
      registry: "other.io",
      credential: {
        kind: "basic",
        username: "x",
        password: "x",
        origin: "flags",
      },
    },
    dockerAuthConfig: " ",
    registryAuthFile: "/there/is/none",
    dockerConfigFile: "",
  } as const;
  assert.equal(await userFor(options, "quay.io"), undefined);
  assert.equal(await userFor(options, "other.io"), "x");
});

Deno.test("createCredentialSource() prefers a repository's own key", async () => {
  const options = {
    dockerAuthConfig: config({
      "quay.io": "all",
      "quay.io/team": "team",
      "quay.io/team/app": "app",
    }),
  };
  assert.equal(await userFor(options, "quay.io", "team/app"), "app");
  assert.equal(await userFor(options, "quay.io", "team/other"), "team");
  assert.equal(await userFor(options, "quay.io", "teams/x"), "all");
});

Deno.test("createCredentialSource() tells of each lookup without its secret", async () => {
  const lookups: CredentialLookup[] = [];
  const source = createCredentialSource({
    dockerAuthConfig: config({ "quay.io": "me" }),
    onLookup: (lookup) => lookups.push(lookup),
  });
  await source.find("quay.io", "a");
  await source.find("other.io", "b");
  assert.deepEqual(lookups, [
    {
      registry: "quay.io",
      repository: "a",
      origin: 'DOCKER_AUTH_CONFIG (auths."quay.io")',
    },
    { registry: "other.io", repository: "b", origin: undefined },
  ]);
});

Deno.test("createCredentialSource() fails on a broken file, and names it", async () => {
  await using dir = await tempDir();
  const path = dir.join("config.json");
  await Deno.writeTextFile(path, "{\n oops");
  await assert.rejects(
    userFor({ dockerConfigFile: path }, "quay.io"),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.deepEqual([error.code, error.details.path, error.details.line], [
        "config-invalid",
        path,
        2,
      ]);
      return true;
    },
  );
});

Deno.test("createCredentialSource() fails on a file that can't be read", async () => {
  await using dir = await tempDir();
  await assert.rejects(
    userFor({ dockerConfigFile: dir.path }, "quay.io"),
    LocalError,
  );
  await Deno.truncate(
    await Deno.makeTempFile({ dir: dir.path, prefix: "big" }),
    5_000_000,
  );
  for await (const { name } of Deno.readDir(dir.path)) {
    await assert.rejects(
      userFor({ dockerConfigFile: dir.join(name) }, "quay.io"),
      /too many/,
    );
  }
});

Deno.test("createCredentialSource() reads no file before the first lookup, and each once", async () => {
  await using dir = await tempDir();
  const path = dir.join("config.json");
  const source = createCredentialSource({ dockerConfigFile: path });
  await Deno.writeTextFile(path, config({ "quay.io": "me" }));
  assert.equal((await source.find("quay.io", "a"))?.kind, "basic");
  await Deno.remove(path);
  assert.equal((await source.find("quay.io", "b"))?.kind, "basic");
});
