import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import {
  answerStatus,
  BLOBS,
  hangUp,
  rateLimit,
  setHeaders,
} from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { requirePeers } from "../testing/peers.ts";
import { putImage, startRealRegistry } from "../testing/real_registry.ts";
import { runDray, spawnDray } from "../testing/run_dray.ts";
import { type TempDir, tempDir } from "../testing/temp_dir.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage({
  layers: [1, 2, 3, 4, 5].map((seed) => ({ randomBytes: 30_000, seed })),
});
const large = buildImage({ layers: [{ randomBytes: 8_000_000 }] });
const peers = await requirePeers("docker-registry");

const auths = (entries: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    auths: Object.fromEntries(
      Object.entries(entries).map(([key, user]) => [
        key,
        { auth: btoa(`${user}:x`) },
      ]),
    ),
  });

/** Makes `mirror` stand in for every registry, in containerd's layout. */
async function writeHosts(dir: TempDir, text: string): Promise<void> {
  await Deno.mkdir(dir.join("_default"), { recursive: true });
  await Deno.writeTextFile(dir.join("_default", "hosts.toml"), text);
}

Deno.test("dray inspect --remote and --log-level debug tell what is left of a rate limit", async () => {
  const headers = {
    "RateLimit-Limit": "100;w=21600",
    "RateLimit-Remaining": "76;w=21600",
  };
  await using registry = startFakeRegistry({
    faults: [{ match: /manifests/, fault: setHeaders(headers) }],
  });
  const reference = registry.push("team/app", "v1", image);
  const args = ["inspect", "--remote", reference];
  const { stdout, stderr } = await runInProcess([
    ...args,
    "--log-level=debug",
  ]);
  assert.match(stdout, /^Rate limit {4}76 of 100 left, in 6 h$/m);
  assert.match(
    stderr,
    /^dray: debug: rate limit of 127\.0\.0\.1:\d+: 76 of 100 left, in 6 h$/m,
  );
  const json = await runInProcess([...args, "--json"]);
  assert.deepEqual(JSON.parse(json.stdout).rateLimit, {
    limit: 100,
    remaining: 76,
    windowS: 21600,
  });
});

Deno.test("dray pull asks for one token, each document and each blob once, and sends no HEAD", async () => {
  await using registry = startFakeRegistry({ auth: { kind: "bearer" } });
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const { code, stderr } = await runInProcess([
    "pull",
    "-q",
    reference,
    "--store",
    dir.path,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(registry.tokenRequests.length, 1);
  const asked = registry.requests
    .filter(({ path }) => /manifests|blobs/.test(path));
  // The first was answered with the challenge, and is asked again.
  const paths = asked.slice(1).map(({ path }) => path);
  assert.equal(asked[0]?.path, paths[0]);
  assert.deepEqual([...new Set(paths)].sort(), paths.toSorted());
  assert.equal(paths.length, 1 + 1 + 5);
  assert.deepEqual([...new Set(asked.map(({ method }) => method))], ["GET"]);
});

Deno.test("dray takes credentials from their places in order, the longest path first, and says which", async () => {
  const names = ["env", "team", "host", "runtime", "docker"];
  const users = Object.fromEntries(names.map((name) => [name, "x"]));
  await using registry = startFakeRegistry({ auth: { kind: "basic", users } });
  await using dir = await tempDir();
  const { host } = registry;
  const reference = registry.push("team/app", "v1", image);
  const file = async (name: string, text: string): Promise<void> => {
    const path = dir.join(name);
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(dir.join(name), text);
  };
  await file(
    "named.json",
    auths({ [host]: "host", [`${host}/team`]: "team", [`${host}/x`]: "no" }),
  );
  await file("run/containers/auth.json", auths({ [host]: "runtime" }));
  await file(".docker/config.json", auths({ [host]: "docker" }));
  const all = {
    DOCKER_AUTH_CONFIG: auths({ [host]: "env" }),
    REGISTRY_AUTH_FILE: dir.join("named.json"),
    XDG_RUNTIME_DIR: dir.join("run"),
    HOME: dir.path,
  };
  const { DOCKER_AUTH_CONFIG: _env, ...noVariable } = all;
  const { REGISTRY_AUTH_FILE: _file, ...noNamed } = noVariable;
  const { XDG_RUNTIME_DIR: _runtime, ...dockerOnly } = noNamed;
  const cases = [
    [all, "env", "DOCKER_AUTH_CONFIG"],
    [noVariable, "team", "named.json"],
    [noNamed, "runtime", "run/containers/auth.json"],
    [dockerOnly, "docker", ".docker/config.json"],
  ] as const;
  for (const [environment, user, origin] of cases) {
    registry.clear();
    const { code, stderr } = await runInProcess(
      ["digest", reference, "--log-level=debug"],
      { environment },
    );
    assert.equal(code, 0, stderr);
    const sent = registry.requests.map(({ headers }) =>
      headers.get("authorization")
    ).filter((value) => value !== null);
    assert.deepEqual([...new Set(sent)], [`Basic ${btoa(`${user}:x`)}`]);
    const line = stderr.split("\n").find((text) =>
      text.startsWith(`dray: debug: credentials for ${host}/team/app: `)
    );
    assert.ok(line?.includes(origin), stderr);
  }
});

Deno.test("dray help login tells the order of credentials", async () => {
  const { stdout } = await runInProcess(["help", "login"]);
  const places = [
    "1. its own -u USER",
    "2. DOCKER_AUTH_CONFIG",
    "3. the file that REGISTRY_AUTH_FILE names",
    "4. containers/auth.json",
    "5. docker's config.json",
  ];
  const at = places.map((place) => stdout.indexOf(place));
  assert.ok(!at.includes(-1), stdout);
  assert.deepEqual(at, at.toSorted((a, b) => a - b));
  assert.ok(at.every((offset) => offset > 0), stdout);
});

Deno.test("dray --hosts-dir pulls through a mirror, says who served, and warns of keys that mean nothing", async () => {
  const auth = { kind: "basic", users: { me: "x" } } as const;
  await using origin = startFakeRegistry({ auth });
  await using mirror = startFakeRegistry();
  await using dir = await tempDir();
  mirror.push("team/app", "v1", image);
  const reference = origin.push("team/app", "v1", image);
  await writeHosts(
    dir,
    `[host."${mirror.url}"]\n  dial_timeout = "2s"\n  speed = 9\n`,
  );
  const { code, stderr } = await runInProcess([
    ...["pull", reference, "--hosts-dir", dir.path],
    ...["--store", dir.join("store"), "--log-level=debug"],
  ], {
    environment: { DOCKER_AUTH_CONFIG: auths({ [origin.host]: "me" }) },
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(origin.requests, []);
  assert.ok(
    mirror.requests.every(({ headers }) => !headers.has("authorization")),
  );
  assert.ok(stderr.includes(`GET ${mirror.url}/v2/team/app/manifests/v1`));
  assert.match(
    stderr,
    /hosts\.toml", line 3: host\."\S+"\.speed is unknown here/,
  );
});

Deno.test("dray pull goes to the registry when its mirror hangs up on every blob", async () => {
  await using origin = startFakeRegistry();
  await using mirror = startFakeRegistry({
    faults: [{ match: BLOBS, fault: hangUp() }],
  });
  await using dir = await tempDir();
  mirror.push("team/app", "v1", image);
  const reference = origin.push("team/app", "v1", image);
  await writeHosts(dir, `[host."${mirror.url}"]\n`);
  const { code, stderr } = await runInProcess([
    ...["pull", reference, "--config-dir", dir.join("config")],
    ...["--hosts-dir", dir.path, "--store", dir.join("store")],
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Mirror "127\.0\.0\.1:\d+" is passed over/);
});

peers.test("dray pull goes on at the registry when its docker-registry proxy is killed in the middle", async () => {
  await using origin = await startRealRegistry();
  const reference = await putImage(origin, large, "team/app", "1");
  await using proxy = await startRealRegistry({ proxyOf: origin.url });
  await using dir = await tempDir();
  await writeHosts(dir, `[host."${proxy.url}"]\n`);
  await using dray = spawnDray([
    ...["pull", reference, "--hosts-dir", dir.path, "--progress=json"],
    ...["--store", dir.join("store"), "--limit-rate=4M"],
  ]);
  await dray.stderrMatches(/"event":"blob-progress"/);
  await proxy.kill();
  const { code, stdout, stderr } = await dray.result;
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${reference}@${large.root.descriptor.digest}\n`);
  assert.ok(
    proxy.accessLog.length > 0 &&
      origin.accessLog.some((line) => /dray\/.*/.test(line)),
    "both served",
  );
  const verified = await runInProcess(["verify", "--store", dir.join("store")]);
  assert.equal(verified.code, 0, verified.stderr);
});

Deno.test("a wait for a rate limit is shown with its length and reason", async () => {
  await using registry = startFakeRegistry({
    faults: [{ match: /manifests/, fault: rateLimit("37") }],
  });
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  await using dray = spawnDray(["pull", reference, "--store", dir.path]);
  await dray.stderrMatches(/waiting [34]\d s \(rate limited\)/);
  dray.kill("SIGINT");
  assert.equal((await dray.result).code, 130);
});

Deno.test("a credential helper of any name gives its credentials, with the permissions that users run with", async () => {
  const auth = { kind: "basic", users: { ci: "hunter2" } } as const;
  await using registry = startFakeRegistry({ auth });
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  await Deno.writeTextFile(
    dir.join("docker-credential-homemade"),
    `#!/bin/sh\necho '{"Username":"ci","Secret":"hunter2"}'\n`,
    { mode: 0o755 },
  );
  await Deno.writeTextFile(
    dir.join("config.json"),
    JSON.stringify({ credsStore: "homemade" }),
  );
  const { code, stderr } = await runDray(["digest", "-q", reference], {
    env: {
      DOCKER_CONFIG: dir.path,
      PATH: `${dir.path}:${Deno.env.get("PATH")}`,
    },
    cwd: dir.path,
  });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

Deno.test("what Deno forbids reads like any other lack of permission", async () => {
  const { code, stderr } = await runDray([
    "images",
    "--store",
    "/proc/dray-none",
  ]);
  assert.equal(code, 7, stderr);
  assert.match(stderr, /^dray: error: Cannot \w+ "\/proc\/dray-none/);
  assert.doesNotMatch(stderr, /run again|--allow/);
});

Deno.test("CVE-2014-8178: what one image says of a layer changes nothing of another's", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const first = buildImage({ layers: [{ seed: 7 }] });
  const layer = first.layers[0]?.descriptor ?? assert.fail();
  const one = registry.push("a", "1", first);
  const store = ["--store", dir.path];
  await runInProcess(["pull", "-q", one, ...store]);
  const inspect = ["inspect", one, "--json", ...store];
  const before = JSON.parse((await runInProcess(inspect)).stdout);
  const lying = buildImage({
    flavor: "docker",
    layers: [{ seed: 7 }],
    config: { author: "other" },
  });
  assert.equal(lying.layers[0]?.descriptor.digest, layer.digest);
  assert.notEqual(lying.layers[0]?.descriptor.mediaType, layer.mediaType);
  const two = registry.push("b", "1", lying);
  await runInProcess(["pull", "-q", two, ...store]);
  const after = JSON.parse((await runInProcess(inspect)).stdout);
  assert.deepEqual(after, before);
});

Deno.test("dray takes credentials of -u and stdin before all that are kept, for every command that asks", async () => {
  const users = { given: "secret", env: "x" };
  await using registry = startFakeRegistry({ auth: { kind: "basic", users } });
  const reference = registry.push("team/app", "v1", image);
  await using dir = await tempDir();
  const environment = {
    DRAY_HOME: dir.path,
    DOCKER_AUTH_CONFIG: auths({ [registry.host]: "env" }),
  };
  const commands = [
    ["digest", reference],
    ["tags", `${registry.host}/team/app`],
    ["inspect", "--remote", reference],
    ["pull", "--dry-run", "--platform=linux/amd64", reference],
  ];
  for (const command of commands) {
    registry.clear();
    const { code, stderr } = await runInProcess(
      [...command, "-u", "given", "--password-stdin"],
      { environment, stdin: "secret\n" },
    );
    assert.equal(code, 0, stderr);
    const sent = registry.requests.map(({ headers }) =>
      headers.get("authorization")
    ).filter((value) => value !== null);
    assert.deepEqual([...new Set(sent)], [`Basic ${btoa("given:secret")}`]);
  }
});

Deno.test("dray refuses -u where it is not clear which registry it is for", async () => {
  const args = [
    "pull",
    "-u",
    "me",
    "--password-stdin",
    "a.example/x",
    "b.example/y",
  ];
  const { code, stderr } = await runInProcess(args, { stdin: "secret" });
  assert.equal(code, 2);
  assert.match(stderr, /several registries/);
});

Deno.test("dray --ca-file names a file that holds no certificate it can use", async () => {
  await using dir = await tempDir();
  const cases = [
    ["", "there is no certificate in it"],
    ["rubbish", "there is no certificate in it"],
    [
      "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
      "a certificate in it is damaged",
    ],
    [
      "-----BEGIN CERTIFICATE-----\nrubbish!\n-----END CERTIFICATE-----\n",
      "its PEM is damaged",
    ],
  ] as const;
  const path = dir.join("ca.pem");
  for (const [text, fault] of cases) {
    await Deno.writeTextFile(path, text);
    const args = ["digest", "127.0.0.1:1/a:1", "--ca-file", path, "--json"];
    const { code, stderr } = await runInProcess(args);
    assert.equal(code, 2, stderr);
    const error = JSON.parse(stderr);
    assert.deepEqual(
      [error.code, error.message],
      ["config-invalid", `Cannot use configuration "${path}": ${fault}`],
    );
  }
});

Deno.test("dray --plain-http to a port of TLS hints at the flag", async () => {
  await using registry = startFakeRegistry({
    faults: [{
      match: /./,
      fault: answerStatus(
        400,
        {},
        "Client sent an HTTP request to an HTTPS server.\n",
      ),
    }],
  });
  const reference = registry.push("team/app", "v1", image);
  const { code, stderr } = await runInProcess([
    ...["digest", reference, "--plain-http"],
  ]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /HTTP status 400/);
  assert.match(stderr, /^hint: .*leave out --plain-http$/m);
});
