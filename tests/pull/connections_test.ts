import assert from "node:assert/strict";
import { answerStatus, BLOBS, delayHead } from "../testing/faults.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { buildImage } from "../testing/image_builder.ts";
import { runDray } from "../testing/run_dray.ts";
import { tempDir } from "../testing/temp_dir.ts";

// In a process of its own: how soon a connection can be used again hangs on its event loop.
Deno.test("dray pull opens no more TCP connections than are allowed, however many requests it sends", async () => {
  const image = buildImage({
    layers: Array.from({ length: 60 }, (_, seed) => ({
      seed,
      randomBytes: 60_000,
    })),
  });
  for (const most of [1, 8]) {
    await using registry = startFakeRegistry();
    await using dir = await tempDir();
    const reference = registry.push("a", "b", image);
    registry.fault({ match: BLOBS, fault: delayHead(5) });
    const { code, stderr } = await runDray([
      "pull",
      ...["-q", "--max-connections", `${most}`, "--store", dir.path],
      reference,
    ]);
    assert.equal(code, 0, stderr);
    assert.ok(registry.requests.length > 60);
    assert.ok(registry.server.connections <= most);
  }
});

Deno.test("dray pull opens no more TCP connections than are allowed over TLS, where opening one takes long", async () => {
  const image = buildImage({
    layers: Array.from({ length: 60 }, (_, seed) => ({
      seed,
      randomBytes: 60_000,
    })),
  });
  await using certificates = await makeCertificates();
  await using registry = startFakeRegistry({ tls: certificates });
  await using dir = await tempDir();
  const reference = registry.push("a", "b", image);
  const { code, stderr } = await runDray([
    "pull",
    ...["-q", "--ca-file", certificates.caFile, "--store", dir.path],
    reference,
  ]);
  assert.equal(code, 0, stderr);
  assert.ok(registry.requests.length > 60);
  // On this machine two more find out that the port does not speak plain HTTP.
  assert.ok(registry.server.connections <= 8 + 2);
});

Deno.test("dray pull --max-connections 1 opens one TCP connection, also for a token and after failures", async () => {
  const image = buildImage({
    layers: Array.from({ length: 5 }, (_, seed) => ({
      seed,
      randomBytes: 60_000,
    })),
  });
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", realm: "self", anonymous: true },
  });
  await using dir = await tempDir();
  const reference = registry.push("a", "b", image);
  registry.fault({
    match: /^GET \/v2/,
    every: 3,
    fault: answerStatus(503),
  });
  const { code, stderr } = await runDray([
    "pull",
    ...["-q", "--max-connections", "1", "--store", dir.path],
    reference,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(registry.server.connections, 1);
});
