import assert from "node:assert/strict";
import { LocalError, UsageError } from "../../src/errors.ts";
import { createCredentialSource } from "../../src/registry/credential_sources.ts";
import {
  eraseCredential,
  saveCredential,
} from "../../src/registry/store_credential.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { fakeHelper } from "./fake_helper.ts";

const ME = {
  kind: "basic",
  username: "me",
  password: "s3cret",
  origin: "test",
} as const;
const readJson = async (path: string): Promise<unknown> =>
  JSON.parse(await Deno.readTextFile(path));
const auth = btoa("me:s3cret");

Deno.test("saveCredential() makes a file that only its owner may read", async () => {
  await using dir = await tempDir();
  const file = dir.join("new", "config.json");
  assert.deepEqual(await saveCredential("quay.io", ME, { file }), {
    kind: "file",
    where: file,
  });
  assert.deepEqual(await readJson(file), { auths: { "quay.io": { auth } } });
  if (Deno.build.os !== "windows") {
    assert.equal((await Deno.stat(file)).mode, 0o100600);
    assert.equal(
      (await Deno.stat(dir.join("new"))).mode,
      0o040700,
    );
  }
  const source = createCredentialSource({ dockerConfigFile: file });
  const found = await source.find("quay.io", "a");
  assert.equal(found?.kind === "basic" && found.password, "s3cret");
});

Deno.test("saveCredential() leaves all else in the file as it is", async () => {
  await using dir = await tempDir();
  const file = dir.join("config.json");
  const other = { auth: btoa("you:x"), email: "you@example.com" };
  await Deno.writeTextFile(
    file,
    JSON.stringify({
      HttpHeaders: { "X-Meta": "1" },
      auths: {
        "https://quay.io/v1/": { auth: btoa("old:x") },
        "quay.io/team": other,
      },
      plugins: { a: { b: "c" } },
    }),
    { mode: 0o644 },
  );
  await saveCredential("quay.io", ME, { file });
  assert.deepEqual(await readJson(file), {
    HttpHeaders: { "X-Meta": "1" },
    auths: { "quay.io/team": other, "quay.io": { auth } },
    plugins: { a: { b: "c" } },
  });
  assert.deepEqual(
    (await Array.fromAsync(Deno.readDir(dir.path))).map(({ name }) => name),
    [
      "config.json",
    ],
  );
  if (Deno.build.os !== "windows") {
    assert.equal((await Deno.stat(file)).mode, 0o100600);
  }
});

Deno.test("saveCredential() names Docker Hub as each kind of file does", async () => {
  await using dir = await tempDir();
  for (
    const [format, key] of [
      ["docker", "https://index.docker.io/v1/"],
      ["containers", "docker.io"],
    ] as const
  ) {
    const file = dir.join(format);
    await saveCredential("docker.io", ME, { file, format });
    assert.deepEqual(await readJson(file), { auths: { [key]: { auth } } });
  }
});

Deno.test("saveCredential() keeps an identity token with its user", async () => {
  await using dir = await tempDir();
  const file = dir.join("config.json");
  const credential = {
    kind: "identity-token",
    token: "t",
    username: "0000",
    origin: "x",
  } as const;
  await saveCredential("quay.io", credential, { file });
  const found = await createCredentialSource({ dockerConfigFile: file }).find(
    "quay.io",
    "a",
  );
  assert.deepEqual({ ...found, origin: "x" }, credential);
});

Deno.test("saveCredential() gives the secret to the helper that the file names, not to the file", async () => {
  await using dir = await tempDir();
  const file = dir.join("config.json");
  const before = {
    auths: { "quay.io": { auth: btoa("old:secret") } },
    credsStore: "test",
  };
  await Deno.writeTextFile(file, JSON.stringify(before));
  const runHelper = fakeHelper(() => "");
  assert.deepEqual(await saveCredential("quay.io", ME, { file, runHelper }), {
    kind: "helper",
    where: "docker-credential-test",
  });
  const [call] = runHelper.calls;
  assert.equal(call?.action, "store");
  assert.deepEqual(JSON.parse(call?.input ?? ""), {
    ServerURL: "quay.io",
    Username: "me",
    Secret: "s3cret",
  });
  assert.deepEqual(await readJson(file), {
    auths: { "quay.io": {} },
    credsStore: "test",
  });
});

Deno.test("saveCredential() fails, and writes nothing, when the helper does", async () => {
  await using dir = await tempDir();
  const file = dir.join("config.json");
  await Deno.writeTextFile(file, '{"credsStore":"test"}');
  const runHelper = fakeHelper(() => ({
    success: false,
    stdout: "locked\x1b[0m",
  }));
  await assert.rejects(
    saveCredential("quay.io", ME, { file, runHelper }),
    (error) => {
      assert.ok(error instanceof LocalError);
      assert.equal(error.code, "helper-failed");
      assert.match(error.message, /docker-credential-test" says "locked\\x1b/);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    },
  );
  assert.equal(await Deno.readTextFile(file), '{"credsStore":"test"}');
});

Deno.test("saveCredential() leaves a broken file alone", async () => {
  await using dir = await tempDir();
  const file = dir.join("config.json");
  await Deno.writeTextFile(file, "{oops");
  await assert.rejects(saveCredential("quay.io", ME, { file }), UsageError);
  assert.equal(await Deno.readTextFile(file), "{oops");
});

Deno.test("saveCredential() writes through a link to where the file is kept", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("kept"), "{}");
  await Deno.symlink(dir.join("kept"), dir.join("config.json"));
  await saveCredential("quay.io", ME, { file: dir.join("config.json") });
  assert.ok((await Deno.lstat(dir.join("config.json"))).isSymlink);
  assert.deepEqual(await readJson(dir.join("kept")), {
    auths: { "quay.io": { auth } },
  });
});

Deno.test("eraseCredential() forgets every key of the registry and no other", async () => {
  await using dir = await tempDir();
  const file = dir.join("config.json");
  const auths = {
    "https://quay.io/v1/": { auth },
    "quay.io": { auth },
    "quay.io/team": { auth },
  };
  await Deno.writeTextFile(file, JSON.stringify({ auths, x: 1 }));
  assert.equal(await eraseCredential("quay.io", { file }), true);
  assert.deepEqual(await readJson(file), {
    auths: { "quay.io/team": { auth } },
    x: 1,
  });
  assert.equal(await eraseCredential("quay.io", { file }), false);
  assert.equal(
    await eraseCredential("quay.io", { file: dir.join("none") }),
    false,
  );
});

Deno.test("eraseCredential() erases from the helper as well", async () => {
  await using dir = await tempDir();
  const file = dir.join("config.json");
  const config = {
    auths: { "https://index.docker.io/v1/": {} },
    credsStore: "test",
  };
  await Deno.writeTextFile(file, JSON.stringify(config));
  const runHelper = fakeHelper(() => "");
  assert.equal(await eraseCredential("docker.io", { file, runHelper }), true);
  assert.deepEqual(
    runHelper.calls.map(({ action, input }) => [action, input]),
    [
      ["erase", "https://index.docker.io/v1/"],
    ],
  );
  assert.deepEqual(await readJson(file), { auths: {}, credsStore: "test" });
  const empty = fakeHelper(() => ({
    success: false,
    stdout: "credentials not found",
  }));
  assert.equal(
    await eraseCredential("docker.io", { file, runHelper: empty }),
    false,
  );
});
