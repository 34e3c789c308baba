import assert from "node:assert/strict";
import {
  IntegrityError,
  NotFoundError,
  UnavailableError,
  UsageError,
} from "../../src/errors.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import {
  answerStatus,
  BLOBS,
  chunked,
  claimLength,
  claimRange,
  cutAfter,
  dropBytes,
  extraBytes,
  type FaultRule,
  flipByte,
  ignoreRange,
  multipartRange,
  shiftRange,
  stallAfter,
} from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { openClient, readAll } from "./open_client.ts";

const IMAGE = buildImage({ layers: [{ randomBytes: 5_000 }] });
const BYTES = IMAGE.layers[0]?.bytes ?? new Uint8Array();
// Sound: the builder made a right one.
const LAYER = IMAGE.layers[0]?.descriptor as unknown as Descriptor;
const RANGE = { start: 100, end: 350 };

function openFake(...faults: readonly FaultRule[]) {
  const registry = startFakeRegistry({ faults });
  registry.push("team/app", "1", IMAGE);
  const open = openClient([registry.host, registry.cdn.host]);
  const repository = `${registry.host}/team/app`;
  return {
    registry,
    repository,
    client: open.client,
    async [Symbol.asyncDispose]() {
      open[Symbol.dispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

Deno.test("RegistryClient.openBlob() gives the whole blob, its size and who served it", async () => {
  await using fake = openFake();
  const answer = await fake.client.openBlob(fake.repository, LAYER);
  assert.ok(answer.kind === "whole");
  assert.deepEqual([answer.size, answer.source, answer.etag], [
    LAYER.size,
    fake.registry.host,
    `"${LAYER.digest}"`,
  ]);
  assert.deepEqual(await answer.response.bytes(), BYTES);
  const headers = fake.registry.requests[0]?.headers;
  assert.deepEqual(
    ["accept", "accept-encoding", "range"].map((name) => headers?.get(name)),
    [
      "*/*",
      "identity",
      null,
    ],
  );
});

Deno.test("RegistryClient.openBlob() gives exactly the range that was asked for", async () => {
  await using fake = openFake();
  const answer = await fake.client.openBlob(fake.repository, LAYER, {
    range: RANGE,
  });
  assert.ok(answer.kind === "range");
  assert.deepEqual(answer.range, RANGE);
  assert.deepEqual(await answer.response.bytes(), BYTES.slice(100, 350));
  assert.equal(
    fake.registry.requests[0]?.headers.get("range"),
    "bytes=100-349",
  );
});

Deno.test("RegistryClient.openBlob() gives the whole where a server ignores the range", async () => {
  await using fake = openFake({ match: BLOBS, fault: ignoreRange() });
  const answer = await fake.client.openBlob(fake.repository, LAYER, {
    range: RANGE,
  });
  assert.ok(answer.kind === "whole");
  assert.equal((await answer.response.bytes()).length, LAYER.size);
});

Deno.test("RegistryClient.openBlob() gives the whole where its length is not told", async () => {
  await using fake = openFake({ match: BLOBS, fault: chunked() });
  const answer = await fake.client.openBlob(fake.repository, LAYER);
  assert.ok(answer.kind === "whole");
  assert.equal(answer.size, undefined);
  await answer.response.body?.cancel();
});

Deno.test("RegistryClient.openBlob() says that a range is not there", async () => {
  await using fake = openFake({ match: BLOBS, fault: answerStatus(416) });
  const { host } = fake.registry;
  assert.deepEqual(
    await fake.client.openBlob(fake.repository, LAYER, { range: RANGE }),
    {
      kind: "unsatisfiable",
      source: host,
    },
  );
});

for (
  const [what, fault, type] of [
    ["starts elsewhere", shiftRange(10), UnavailableError],
    [
      "says nothing of where it starts",
      claimRange(undefined),
      UnavailableError,
    ],
    ["is in several parts", multipartRange(), UnavailableError],
    [
      "ends elsewhere",
      claimRange(`bytes 100-340/${LAYER.size}`),
      UnavailableError,
    ],
    [
      "contradicts itself",
      claimRange(`bytes 349-100/${LAYER.size}`),
      UnavailableError,
    ],
    [
      "has another unit",
      claimRange(`items 100-349/${LAYER.size}`),
      UnavailableError,
    ],
    ["has another length", claimLength(10), UnavailableError],
    [
      "is of a larger blob",
      claimRange(`bytes 100-349/${LAYER.size + 1}`),
      IntegrityError,
    ],
  ] as const
) {
  Deno.test(`RegistryClient.openBlob() refuses a 206 that ${what}`, async () => {
    await using fake = openFake({ match: BLOBS, fault });
    const open = fake.client.openBlob(fake.repository, LAYER, { range: RANGE });
    await assert.rejects(open, (error) => {
      assert.ok(error instanceof type);
      assert.equal(error.details.host, fake.registry.host);
      return true;
    });
  });
}

Deno.test("RegistryClient.openBlob() takes a range of a blob whose size the server doesn't know", async () => {
  await using fake = openFake({
    match: BLOBS,
    fault: claimRange("bytes 100-349/*"),
  });
  const answer = await fake.client.openBlob(fake.repository, LAYER, {
    range: RANGE,
  });
  assert.equal(answer.kind, "range");
  if (answer.kind === "range") await answer.response.body?.cancel();
});

for (
  const [what, fault] of [["larger", extraBytes(1)], [
    "smaller",
    dropBytes(1),
  ]] as const
) {
  Deno.test(`RegistryClient.openBlob() refuses a blob that is ${what} than its descriptor says`, async () => {
    await using fake = openFake({ match: BLOBS, fault });
    await assert.rejects(
      fake.client.openBlob(fake.repository, LAYER),
      (error) => {
        assert.ok(error instanceof IntegrityError);
        assert.deepEqual([error.code, error.details.expected], [
          "size-mismatch",
          LAYER.size,
        ]);
        return true;
      },
    );
  });
}

Deno.test("RegistryClient.openBlob() gives the status of what is no blob, never its page", async () => {
  const page = "<html>\x1b[31mbad gateway</html>";
  for (
    const [status, type] of [[404, NotFoundError], [
      502,
      UnavailableError,
    ]] as const
  ) {
    await using fake = openFake({
      match: BLOBS,
      fault: answerStatus(status, { "Content-Type": "text/html" }, page),
    });
    await assert.rejects(
      fake.client.openBlob(fake.repository, LAYER),
      (error) => {
        assert.ok(error instanceof type);
        assert.doesNotMatch(error.message, /html|gateway/);
        return true;
      },
    );
  }
});

Deno.test("RegistryClient.openBlob() asks for a range on the condition that nothing changed", async () => {
  await using fake = openFake();
  const { client, registry, repository } = fake;
  const etags = [
    `"${LAYER.digest}"`,
    '"other"',
    'W/"weak"',
    "no quotes",
    undefined,
  ];
  const kinds: string[] = [];
  for (const etag of etags) {
    const answer = await client.openBlob(repository, LAYER, {
      range: RANGE,
      etag,
    });
    kinds.push(answer.kind);
    if (answer.kind !== "unsatisfiable") await answer.response.body?.cancel();
  }
  assert.deepEqual(kinds, ["range", "whole", "range", "range", "range"]);
  assert.deepEqual(
    registry.requests.map(({ headers }) => headers.get("if-range")),
    [
      etags[0],
      '"other"',
      null,
      null,
      null,
    ],
  );
});

Deno.test("RegistryClient.openBlob() puts nothing in a URL that is no digest (CVE-2024-3727)", async () => {
  await using fake = openFake();
  const hex = "a".repeat(64);
  const digests = [
    "sha256:../../x",
    "sha256:a/../../v2/other/blobs/x",
    "",
    "sha256:",
    `sha256:${hex.toUpperCase()}`,
    `SHA256:${hex}`,
    `sha256:${hex}0`,
    `sha256:${hex.slice(1)}`,
    `sha256:${hex.slice(1)}\0`,
    `sha256:${hex.slice(3)}%2f`,
    `sha512:${hex}`,
    `md5:${hex.slice(32)}`,
    `sha1:${hex.slice(24)}`,
    `blake3:${hex}`,
    `sha256+b64:${hex}`,
    7,
    null,
    ["sha256"],
  ];
  for (const digest of digests) {
    const descriptor = { ...LAYER, digest } as unknown as Descriptor;
    for (
      const method of [
        "openBlob",
        "fetchBlob",
        "fetchConfigBytes",
        "fetchManifest",
      ] as const
    ) {
      await assert.rejects(
        async () => await fake.client[method](fake.repository, descriptor),
        (error) => error instanceof UsageError || error instanceof TypeError,
        `${method} ${digest}`,
      );
    }
  }
  assert.equal(fake.registry.requests.length, 0);
});

Deno.test("RegistryClient.fetchBlob() gives verified bytes, whole or in part", async () => {
  await using fake = openFake();
  const { client, repository } = fake;
  assert.deepEqual(
    await readAll(await client.fetchBlob(repository, LAYER)),
    BYTES,
  );
  const part = await client.fetchBlob(repository, LAYER, { range: RANGE });
  assert.deepEqual(await readAll(part), BYTES.slice(100, 350));
});

Deno.test("RegistryClient.fetchBlob() cuts a range out of the whole where a server knows no ranges", async () => {
  await using fake = openFake({ match: BLOBS, fault: ignoreRange() });
  for (
    const range of [RANGE, { start: 0, end: 1 }, { start: 0, end: LAYER.size }]
  ) {
    const part = await fake.client.fetchBlob(fake.repository, LAYER, { range });
    assert.deepEqual(await readAll(part), BYTES.slice(range.start, range.end));
  }
});

for (
  const [what, fault, code] of [
    ["one bit differs", flipByte(4_000), "digest-mismatch"],
    [
      "it has more bytes",
      (response, request) =>
        chunked()(
          { ...response, body: new Uint8Array([...response.body, 0]) },
          request,
        ),
      "size-mismatch",
    ],
    [
      "it has fewer bytes",
      (response, request) =>
        chunked()({ ...response, body: response.body.slice(1) }, request),
      "size-mismatch",
    ],
  ] as const satisfies readonly (readonly [
    string,
    ReturnType<typeof chunked>,
    string,
  ])[]
) {
  Deno.test(`RegistryClient.fetchBlob() ends with an error where ${what}`, async () => {
    await using fake = openFake({ match: BLOBS, fault });
    const stream = await fake.client.fetchBlob(fake.repository, LAYER);
    await assert.rejects(
      readAll(stream),
      (error) => error instanceof IntegrityError && error.code === code,
    );
  });
}

Deno.test("RegistryClient.fetchBlob() ends with an error where a body breaks off", async () => {
  await using fake = openFake({ match: BLOBS, fault: cutAfter(200) });
  const isUnreachable = (error: unknown) =>
    error instanceof UnavailableError && error.code === "unreachable";
  await assert.rejects(
    async () =>
      await readAll(await fake.client.fetchBlob(fake.repository, LAYER)),
    isUnreachable,
  );
  const part = await fake.client.fetchBlob(fake.repository, LAYER, {
    range: RANGE,
  });
  await assert.rejects(readAll(part), isUnreachable);
});

Deno.test("RegistryClient.fetchBlob() ends with an error where a body stalls, and with the signal's reason", async () => {
  await using registry = startFakeRegistry({
    faults: [{ match: BLOBS, fault: stallAfter(200) }],
  });
  registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host], { idleTimeoutMs: 20 });
  const repository = `${registry.host}/team/app`;
  await assert.rejects(
    readAll(await open.client.fetchBlob(repository, LAYER)),
    (error) => error instanceof UnavailableError && error.code === "timeout",
  );
  const stop = new AbortController();
  const { signal } = stop;
  using patient = openClient([registry.host]);
  const stream = await patient.client.fetchBlob(repository, LAYER, { signal });
  const reading = readAll(stream);
  stop.abort(new Error("enough"));
  await assert.rejects(reading, { message: "enough" });
});

Deno.test("RegistryClient.fetchBlob() gives what there is of a range past the end, and refuses one without bytes", async () => {
  await using fake = openFake();
  const { client, repository } = fake;
  const range = { start: LAYER.size - 7, end: LAYER.size + 10 };
  const part = await client.fetchBlob(repository, LAYER, { range });
  assert.deepEqual(await readAll(part), BYTES.slice(-7));
  for (const [start, end] of [[5, 5], [9, 3], [-2, 4], [0.5, 2], [0, NaN]]) {
    await assert.rejects(
      client.fetchBlob(repository, LAYER, {
        range: { start: start ?? 0, end: end ?? 0 },
      }),
      RangeError,
    );
  }
});

Deno.test("RegistryClient.fetchBlob() says that a range is not there", async () => {
  await using fake = openFake();
  const range = { start: LAYER.size, end: LAYER.size + 10 };
  await assert.rejects(
    fake.client.fetchBlob(fake.repository, LAYER, { range }),
    (error) =>
      error instanceof IntegrityError && error.code === "size-mismatch",
  );
});

Deno.test("RegistryClient.fetchBlob() takes the data of a descriptor and asks nobody", async () => {
  await using fake = openFake();
  const descriptor = { ...LAYER, data: BYTES.toBase64() };
  const { client, repository } = fake;
  assert.deepEqual(
    await readAll(await client.fetchBlob(repository, descriptor)),
    BYTES,
  );
  const part = await client.fetchBlob(repository, descriptor, { range: RANGE });
  assert.deepEqual(await readAll(part), BYTES.slice(100, 350));
  assert.deepEqual(
    await client.fetchConfigBytes(repository, descriptor),
    BYTES,
  );
  assert.equal(fake.registry.requests.length, 0);
});

Deno.test("RegistryClient.fetchBlob() can be given up without reading", async () => {
  await using fake = openFake({ match: BLOBS, fault: ignoreRange() });
  await (await fake.client.fetchBlob(fake.repository, LAYER)).cancel();
  await (await fake.client.fetchBlob(fake.repository, LAYER, { range: RANGE }))
    .cancel();
});

Deno.test("RegistryClient.fetchConfig() refuses a config that its digest is not of", async () => {
  await using fake = openFake({ match: BLOBS, fault: flipByte(3) });
  const config = IMAGE.config.descriptor as unknown as Descriptor;
  await assert.rejects(
    fake.client.fetchConfig(fake.repository, config),
    (error) =>
      error instanceof IntegrityError && error.code === "digest-mismatch",
  );
});
