import assert from "node:assert/strict";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { buildImage, buildMultiPlatform } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { answerStatus, MANIFESTS } from "../testing/faults.ts";
import { runInProcess } from "./fake_host.ts";

const image = buildImage({ layers: [{ randomBytes: 50_000 }, { seed: 2 }] });
const users = { me: "secret-of-me" };

Deno.test("dray pull --explain says who is asked, how, and why, and stores nothing", async () => {
  await using registry = startFakeRegistry();
  await using dir = await tempDir();
  const reference = registry.push("team/app", "v1", image);
  const { code, stdout, stderr } = await runInProcess([
    "pull",
    "--explain",
    reference,
    "--store",
    dir.join("store"),
    "--platform",
    "linux/amd64",
  ]);
  assert.equal(code, 0, stderr);
  const { digest } = image.root.descriptor;
  const answer = /GET 200 in \d+ ms/.exec(stdout)?.[0];
  assert.deepEqual(stdout.trimEnd().split("\n"), [
    `${reference}@${digest}`,
    `  registry       ${registry.host} (the reference names it)`,
    `  registry       http://${registry.host}/v2/ (the registry itself)`,
    "    protocol     HTTP (on this machine, and it speaks no TLS)",
    "    proxy        none (HTTP_PROXY is not set)",
    "    credentials  none (it asked for none)",
    `    answer       ${answer}`,
    `  platform       linux/amd64 ${digest} (the only one: the reference is of one manifest)`,
    `  store          ${dir.join("store")} (--store)`,
    `  download       ${/\d layers, .*$/m.exec(stdout)?.[0]}`,
  ]);
  await assert.rejects(Deno.stat(dir.join("store")), Deno.errors.NotFound);
});

Deno.test("dray pull --explain names the mirror's file, where credentials came from, and never a secret", async () => {
  await using registry = startFakeRegistry({ auth: { kind: "basic", users } });
  await using mirror = startFakeRegistry();
  await using dir = await tempDir();
  const index = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  const reference = registry.push("team/app", "v1", index);
  const hosts = dir.join("config", "certs.d", registry.host);
  await Deno.mkdir(hosts, { recursive: true });
  await Deno.writeTextFile(
    `${hosts}/hosts.toml`,
    `[host."http://${mirror.host}"]\ncapabilities = ["pull", "resolve"]\n`,
  );
  await Deno.writeTextFile(
    dir.join("config", "config.toml"),
    `platforms = ["linux/arm64"]\n`,
  );
  await Deno.mkdir(dir.join("docker"));
  const auth = btoa(`me:${users.me}`);
  await Deno.writeTextFile(
    dir.join("docker", "config.json"),
    JSON.stringify({ auths: { [registry.host]: { auth } } }),
  );
  const args = ["pull", "--explain", reference, "--store", dir.join("store")];
  const environment = {
    DRAY_CONFIG: dir.join("config"),
    DOCKER_CONFIG: dir.join("docker"),
    http_proxy: "http://user:hidden-word@127.0.0.1:9",
    https_proxy: "http://user:hidden-word@127.0.0.1:9",
  };
  const text = await runInProcess(args, { environment });
  assert.equal(text.code, 0, text.stderr);
  const line = (start: RegExp): readonly string[] =>
    text.stdout.split("\n").filter((one) => start.test(one));
  assert.match(
    line(/^ {2}mirror/)[0] ?? "",
    new RegExp(`http://${mirror.host}/v2/ \\(${hosts}/hosts.toml\\)$`),
  );
  assert.match(line(/ protocol/)[0] ?? "", /HTTP \(\/.*hosts\.toml\)$/);
  // The mirror has no such image, so the registry is asked.
  assert.match(line(/ answer/)[0] ?? "", /404 in/);
  assert.match(line(/ answer/)[1] ?? "", /200 in/);
  assert.match(line(/ proxy/)[1] ?? "", /none \(it is on this machine\)$/);
  assert.match(line(/ credentials/)[0] ?? "", /none \(it asked for none\)$/);
  assert.match(
    line(/ credentials/)[1] ?? "",
    /found \(.*docker\/config\.json.*\)$/,
  );
  assert.match(
    line(/ platform/)[0] ?? "",
    /linux\/arm64(?:\/v8)? sha256:.* \(.*config\.toml, line 1\)$/,
  );
  assert.doesNotMatch(text.stdout + text.stderr, /secret-of-me|hidden-word/);
  assert.doesNotMatch(text.stdout + text.stderr, new RegExp(auth));

  const json = await runInProcess([...args, "--json"], { environment });
  const explanation = JSON.parse(json.stdout);
  assert.equal(explanation.digest, index.root.descriptor.digest);
  assert.deepEqual(
    explanation.hosts.map(({ role }: { role: string }) => role),
    ["mirror", "registry"],
  );
  assert.match(explanation.hosts[1].credentials.why, /config\.json/);
  assert.doesNotMatch(json.stdout + json.stderr, /secret-of-me|hidden-word/);
});

Deno.test("dray pull --explain explains a failure too, and has its exit code", async () => {
  await using registry = startFakeRegistry({ auth: { kind: "basic", users } });
  await using open = startFakeRegistry();
  await using dir = await tempDir();
  const store = ["--store", dir.join("store"), "--retries", "0"];
  const denied = await runInProcess([
    "pull",
    "--explain",
    registry.push("a", "1", image),
    ...store,
  ]);
  assert.equal(denied.code, 4);
  assert.match(denied.stdout, /: not resolved$/m);
  assert.match(denied.stdout, / answer +(?:HEAD|GET) 401 in/);
  assert.match(
    denied.stdout,
    / credentials +anonymous \(nothing is kept for /,
  );
  open.fault({ match: MANIFESTS, fault: answerStatus(500) });
  const failed = await runInProcess([
    "pull",
    "--explain",
    "--json",
    open.push("a", "1", image),
    ...store,
  ]);
  assert.equal(failed.code, 5);
  assert.match(JSON.parse(failed.stdout).hosts[0].answer, / 500 in /);
  const malformed = await runInProcess(["pull", "--explain", "UP", ...store]);
  assert.deepEqual([malformed.code, malformed.stdout], [2, ""]);
});

Deno.test("dray pull --explain says what decides the registry, the protocol, the store and the rate limit", async () => {
  await using registry = startFakeRegistry({
    faults: [{
      match: MANIFESTS,
      fault: (response) => ({
        ...response,
        headers: {
          ...response.headers,
          "ratelimit-limit": "100;w=21600",
          "ratelimit-remaining": "76;w=21600",
        },
      }),
    }],
  });
  await using dir = await tempDir();
  registry.push("team/app", "v1", image);
  const environment = {
    DRAY_DEFAULT_REGISTRY: registry.host,
    DRAY_HOME: dir.join("store"),
    HTTPS_PROXY: "proxy.example:3128",
    NO_PROXY: "*",
  };
  const { code, stdout, stderr } = await runInProcess([
    "pull",
    "--explain",
    "--plain-http",
    "team/app:v1",
  ], { environment });
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    / registry +\S+ \(the reference names none: DRAY_DEFAULT_REGISTRY\)$/m,
  );
  assert.match(stdout, / protocol +HTTP \(--plain-http\)$/m);
  assert.match(stdout, / store +\S+ \(DRAY_HOME\)$/m);
  assert.match(stdout, / rate limit +76 of 100 left, in 6 h$/m);
});
