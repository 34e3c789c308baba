import assert from "node:assert/strict";
import { prune } from "../../../src/maintain/prune.ts";
import { parseDigest } from "../../../src/spec/digest.ts";
import { sourceOf } from "../../registry/open_client.ts";
import {
  answerStatus,
  BLOBS,
  claimLength,
  cutAfter,
  flipByte,
  hangUp,
  MANIFESTS,
  rateLimit,
  stallAfter,
} from "../../testing/faults.ts";
import {
  buildArtifact,
  buildImage,
  buildMultiPlatform,
  MEDIA_TYPES,
  type TestImage,
} from "../../testing/image_builder.ts";
import { type Mirror, startMirrorKit } from "./mirror_kit.ts";

const image = buildImage({
  layers: [{ randomBytes: 700_000 }, { files: { a: "b" } }],
});
const [big, small] = image.layers;
assert.ok(big !== undefined && small !== undefined);

/** As a client pulls one platform: tag, child if any, config, layers. */
async function pullFrom(
  mirror: Mirror,
  tag: string,
  one: TestImage,
): Promise<void> {
  const repository = "/v2/team/app";
  await (await mirror.ask(`${repository}/manifests/${tag}`)).bytes();
  const { digest } = one.root.descriptor;
  const manifest = await mirror.ask(`${repository}/manifests/${digest}`);
  assert.deepEqual(await manifest.bytes(), one.root.bytes);
  for (const { descriptor, bytes } of one.blobs) {
    const response = await mirror.ask(
      `${repository}/blobs/${descriptor.digest}`,
    );
    assert.deepEqual(await response.bytes(), bytes);
  }
}

function kinds(requests: readonly { method: string; path: string }[]) {
  return requests.map(({ method, path }) =>
    `${method} ${path.split("/").at(-2)}`
  );
}

Deno.test("a mirror fetches what it lacks once, stores it and records the image", async () => {
  await using kit = await startMirrorKit();
  const reference = kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  await pullFrom(mirror, "1", image);
  assert.deepEqual(
    mirror.store.listImages().map((stored) => stored.reference),
    [reference],
  );
  kit.upstream.clear();
  await pullFrom(mirror, "1", image);
  // The tag is asked for again, and nothing else.
  assert.deepEqual(kinds(kit.upstream.requests), ["HEAD manifests"]);
  assert.deepEqual(mirror.errors, []);
});

Deno.test("a mirror fetches a blob once however many clients ask, and all get it", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  kit.upstream.clear();
  const path = `/v2/team/app/blobs/${big.descriptor.digest}`;
  const bodies = await Promise.all(
    Array.from(
      { length: 20 },
      async () => await (await mirror.ask(path)).bytes(),
    ),
  );
  for (const body of bodies) assert.deepEqual(body, big.bytes);
  assert.equal(kit.upstream.blobRequests.length, 1);
});

Deno.test("two mirrors on one store fetch a blob once", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const mirrors = [await kit.start(), await kit.start()];
  for (const mirror of mirrors) {
    await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  }
  kit.upstream.clear();
  const path = `/v2/team/app/blobs/${big.descriptor.digest}`;
  const bodies = await Promise.all(
    mirrors.map(async (mirror) => await (await mirror.ask(path)).bytes()),
  );
  for (const body of bodies) assert.deepEqual(body, big.bytes);
  assert.equal(kit.upstream.blobRequests.length, 1);
});

Deno.test("a mirror sends on what has come while upstream still sends", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  kit.upstream.fault({ match: BLOBS, fault: stallAfter(300_000) });
  const mirror = await kit.start();
  await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  const client = new AbortController();
  const path = `/v2/team/app/blobs/${big.descriptor.digest}`;
  const response = await mirror.ask(path, { signal: client.signal });
  assert.equal(
    response.headers.get("content-length"),
    String(big.descriptor.size),
  );
  let received = 0;
  for await (const piece of response.body ?? []) {
    const expected = big.bytes.subarray(received, received + piece.length);
    assert.deepEqual(piece, new Uint8Array(expected));
    received += piece.length;
    if (received >= 200_000) break;
  }
  client.abort();
  assert.ok(received < big.bytes.length);
});

Deno.test("a mirror goes on where a client left, with a range", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  kit.upstream.fault({ match: BLOBS, fault: stallAfter(300_000), times: 1 });
  const mirror = await kit.start();
  await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  const path = `/v2/team/app/blobs/${big.descriptor.digest}`;
  const client = new AbortController();
  const first = await mirror.ask(path, { signal: client.signal });
  const reader = first.body?.getReader();
  let received = 0;
  while (received < 200_000) {
    received += (await reader?.read())?.value?.length ?? 0;
  }
  client.abort();
  const second = await mirror.ask(path);
  assert.deepEqual(await second.bytes(), big.bytes);
  const [, resumed] = kit.upstream.blobRequests;
  assert.match(resumed?.headers.get("range") ?? "", /^bytes=[1-9]\d*-/);
});

Deno.test("a mirror answers a range of what is on its way", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  const path = `/v2/team/app/blobs/${big.descriptor.digest}`;
  const cases = [
    ["bytes=100000-199999", 100_000, 200_000],
    ["bytes=650000-", 650_000, big.bytes.length],
  ] as const;
  for (const [range, start, end] of cases) {
    const response = await mirror.ask(path, { headers: { range } });
    assert.equal(response.status, 206);
    assert.deepEqual(await response.bytes(), big.bytes.slice(start, end));
  }
});

Deno.test("a mirror breaks the connection where the digest is wrong, and keeps nothing", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  kit.upstream.fault({ match: BLOBS, fault: flipByte(5) });
  const mirror = await kit.start();
  await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  const { digest } = big.descriptor;
  const response = await mirror.ask(`/v2/team/app/blobs/${digest}`);
  await assert.rejects(response.bytes(), TypeError);
  assert.equal(
    await mirror.store.hasBlob({ digest: parseDigest(digest) }),
    false,
  );
  kit.upstream.clearFaults();
  const again = await mirror.ask(`/v2/team/app/blobs/${digest}`);
  assert.deepEqual(await again.bytes(), big.bytes);
});

Deno.test("a mirror takes up a transfer that upstream cuts, unseen by the client", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  kit.upstream.fault({ match: BLOBS, fault: cutAfter(200_000), times: 1 });
  const mirror = await kit.start();
  await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  const response = await mirror.ask(
    `/v2/team/app/blobs/${big.descriptor.digest}`,
  );
  assert.deepEqual(await response.bytes(), big.bytes);
});

Deno.test("a mirror records each platform once a client has pulled all of it", async () => {
  const index = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  const [amd64, arm64] = index.images;
  assert.ok(amd64 !== undefined && arm64 !== undefined);
  await using kit = await startMirrorKit();
  const reference = kit.upstream.push("team/app", "1", index);
  const mirror = await kit.start();
  const platforms = (): readonly string[] =>
    mirror.store.findImage(reference)?.platforms
      .map(({ platform }) => platform.architecture) ?? [];
  await pullFrom(mirror, "1", amd64);
  assert.deepEqual(platforms(), ["amd64"]);
  await pullFrom(mirror, "1", arm64);
  assert.deepEqual(platforms(), ["amd64", "arm64"]);
  assert.equal(mirror.store.listImages().length, 1);
});

Deno.test("a mirror serves the new image once a tag moved, and the old one by digest", async () => {
  await using kit = await startMirrorKit();
  const reference = kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  await pullFrom(mirror, "1", image);
  const moved = buildImage({ layers: [{ files: { a: "moved" } }] });
  kit.upstream.push("team/app", "1", moved);
  await pullFrom(mirror, "1", moved);
  assert.equal(
    mirror.store.findImage(reference)?.digest,
    moved.root.descriptor.digest,
  );
  const { digest } = image.root.descriptor;
  const old = await mirror.ask(`/v2/team/app/manifests/${digest}`);
  assert.deepEqual(await old.bytes(), image.root.bytes);
});

Deno.test("a mirror serves what is stored while upstream is down, and asks nothing by digest", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  await pullFrom(mirror, "1", image);
  kit.upstream.clear();
  kit.upstream.fault({ match: /./, fault: hangUp() });
  await pullFrom(mirror, "1", image);
  const asked = kit.upstream.requests.length;
  assert.ok(asked > 0);
  // For a while it isn't even asked.
  await pullFrom(mirror, "1", image);
  assert.equal(kit.upstream.requests.length, asked);
  const tags = await mirror.ask("/v2/team/app/tags/list");
  assert.deepEqual((await tags.json()).tags, ["1"]);
  assert.equal(
    await mirror.fail("/v2/team/app/manifests/2"),
    "503 UNAVAILABLE",
  );
});

Deno.test("a mirror serves what it has of a tag whose new manifest upstream doesn't have", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  await pullFrom(mirror, "1", image);
  kit.upstream.push("team/app", "1", buildImage({ layers: [{ seed: 7 }] }));
  const fault = answerStatus(404);
  kit.upstream.fault({ match: /^GET \S*\/manifests\//, fault });
  await pullFrom(mirror, "1", image);
});

Deno.test("a mirror serves no tag any more that upstream has deleted, but its image by digest", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  kit.upstream.push("team/app", "2", image);
  const mirror = await kit.start();
  await pullFrom(mirror, "1", image);
  await pullFrom(mirror, "2", image);
  kit.upstream.content.removeTag("team/app", "1");
  assert.equal(
    await mirror.fail("/v2/team/app/manifests/1"),
    "404 MANIFEST_UNKNOWN",
  );
  const tags = await mirror.ask("/v2/team/app/tags/list");
  assert.deepEqual((await tags.json()).tags, ["2"]);
  await pullFrom(mirror, image.root.descriptor.digest, image);
  // Nor while upstream can't say so again.
  kit.upstream.fault({ match: /manifests/, fault: answerStatus(503) });
  assert.equal(
    await mirror.fail("/v2/team/app/manifests/1"),
    "503 UNAVAILABLE",
  );
  await pullFrom(mirror, "2", image);
  kit.upstream.clearFaults();
  // Nor after a restart, of what is recorded in the store.
  const next = await kit.start();
  assert.equal(
    await next.fail("/v2/team/app/manifests/1"),
    "404 MANIFEST_UNKNOWN",
  );
  await pullFrom(next, "2", image);
});

Deno.test("a mirror tells a client in what way upstream refuses", async () => {
  const cases = [
    [answerStatus(401), "403 DENIED"],
    [answerStatus(403), "403 DENIED"],
    [answerStatus(404), "404 MANIFEST_UNKNOWN"],
    [answerStatus(500), "503 UNAVAILABLE"],
    [rateLimit("1000"), "429 TOOMANYREQUESTS"],
  ] as const;
  for (const [fault, expected] of cases) {
    await using kit = await startMirrorKit();
    kit.upstream.fault({ match: MANIFESTS, fault });
    const mirror = await kit.start();
    assert.equal(await mirror.fail("/v2/team/app/manifests/1"), expected);
    assert.equal(mirror.errors.length, 1);
  }
});

Deno.test("a mirror answers 404 for a blob that upstream lacks, whether a manifest names it or not", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  kit.upstream.fault({ match: BLOBS, fault: answerStatus(404) });
  const mirror = await kit.start();
  await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  for (const digest of [big.descriptor.digest, `sha256:${"0".repeat(64)}`]) {
    assert.equal(
      await mirror.fail(`/v2/team/app/blobs/${digest}`),
      "404 BLOB_UNKNOWN",
    );
  }
});

Deno.test("a mirror serves a blob whose manifest it wasn't asked for, as after a restart", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  const path = `/v2/team/app/blobs/${big.descriptor.digest}`;
  const head = await mirror.ask(path, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), `${big.bytes.length}`);
  const response = await mirror.ask(path);
  assert.deepEqual(await response.bytes(), big.bytes);
  assert.deepEqual(kinds(kit.upstream.requests), [
    "HEAD blobs",
    "HEAD blobs",
    "GET blobs",
  ]);
  // Of another repository it is none of the client's business.
  assert.equal(
    await mirror.fail(`/v2/team/other/blobs/${big.descriptor.digest}`),
    "404 BLOB_UNKNOWN",
  );
});

Deno.test("a mirror takes upstream's word on a blob's size for no more than a word", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const fault = claimLength(small.bytes.length - 1);
  kit.upstream.fault({ match: /^HEAD \S*\/blobs\//, fault });
  const mirror = await kit.start();
  const path = `/v2/team/app/blobs/${small.descriptor.digest}`;
  assert.equal(await mirror.fail(path), "503 UNAVAILABLE");
  assert.equal(
    await mirror.store.hasBlob({
      digest: parseDigest(small.descriptor.digest),
    }),
    false,
  );
});

Deno.test("a mirror asks upstream with its own credentials, and never with a client's", async () => {
  const users = { mirror: "secret" };
  await using kit = await startMirrorKit({ auth: { kind: "basic", users } });
  kit.upstream.push("team/app", "1", image);
  const stranger = await kit.start();
  const path = "/v2/team/app/manifests/1";
  const authorization = `Basic ${btoa("mirror:secret")}`;
  assert.equal(
    await stranger.fail(path, { headers: { authorization } }),
    "403 DENIED",
  );
  for (const { headers } of kit.upstream.requests) {
    assert.equal(headers.get("authorization"), null);
  }
  const known = await kit.start({
    credentials: sourceOf({ [kit.upstream.host]: ["mirror", "secret"] }),
  });
  assert.deepEqual(await (await known.ask(path)).bytes(), image.root.bytes);
});

Deno.test("a mirror has its upstream's repositories under each of their names", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  const ns = encodeURIComponent(kit.upstream.host);
  const path = "/v2/team/app/manifests/1";
  assert.equal(
    (await (await mirror.ask(`${path}?ns=${ns}`)).bytes()).length > 0,
    true,
  );
  assert.equal(
    await mirror.fail(`${path}?ns=docker.io`),
    "404 NAME_UNKNOWN",
  );
});

Deno.test("a mirror fetches again what is damaged in the store", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const mirror = await kit.start();
  await pullFrom(mirror, "1", image);
  const { digest, size } = small.descriptor;
  for (const bytes of [new Uint8Array(size - 1), new Uint8Array(size)]) {
    const path = mirror.store.blobPath(parseDigest(digest));
    await Deno.writeFile(path, bytes);
    // The clock of files may stand still for 4 ms, in which this is the file that was checked.
    await Deno.utime(path, 1, 1);
    const blob = `/v2/team/app/blobs/${digest}`;
    // Wrong bytes of the right size are seen while they are sent.
    const first = await mirror.ask(blob);
    await first.bytes().catch(() => {});
    const second = await mirror.ask(blob);
    assert.deepEqual(await second.bytes(), small.bytes);
  }
});

Deno.test("a mirror gives no sound blob up since another image lies about its size", async () => {
  await using kit = await startMirrorKit();
  const reference = kit.upstream.push("team/app", "1", image);
  kit.upstream.fault({ match: /liar\/blobs/, fault: answerStatus(404) });
  const { size } = small.descriptor;
  for (const lie of [size - 1, size + 1]) {
    const liar = buildImage({
      layers: [small],
      layerDescriptor: (descriptor) => ({ ...descriptor, size: lie }),
    });
    kit.upstream.push("team/liar", `${lie}`, liar);
  }
  const mirror = await kit.start();
  await pullFrom(mirror, "1", image);
  const { digest } = small.descriptor;
  for (const lie of [size - 1, size + 1]) {
    await (await mirror.ask(`/v2/team/liar/manifests/${lie}`)).bytes();
    const response = await mirror.ask(`/v2/team/liar/blobs/${digest}`);
    await response.bytes().catch(() => {});
    assert.ok(
      await mirror.store.hasBlob({ digest: parseDigest(digest), size }),
    );
  }
  assert.ok(mirror.store.findImage(reference));
});

Deno.test("a mirror's content stays while it is on its way, and a prune waits", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  kit.upstream.fault({ match: BLOBS, fault: stallAfter(300_000), times: 1 });
  const mirror = await kit.start();
  await (await mirror.ask("/v2/team/app/manifests/1")).bytes();
  const client = new AbortController();
  const path = `/v2/team/app/blobs/${big.descriptor.digest}`;
  const response = await mirror.ask(path, { signal: client.signal });
  const waiting = Promise.withResolvers<void>();
  const stop = new AbortController();
  const pruned = prune(mirror.store, {
    signal: stop.signal,
    onWait: waiting.resolve,
  });
  await waiting.promise;
  stop.abort(new Error("enough"));
  await assert.rejects(pruned, /enough/);
  client.abort();
  await response.body?.cancel().catch(() => {});
});

Deno.test("a mirror lists upstream's referrers, and what is stored while upstream is down", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  const artifact = buildArtifact({ "a.sig": "x" }, {
    artifactType: "application/x-sig",
    subject: image.root.descriptor,
  });
  const { mediaType, digest, size } = artifact.root.descriptor;
  const listed = { mediaType, digest, size, artifactType: "application/x-sig" };
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.oci.index,
    manifests: [listed],
  });
  kit.upstream.push("team/app", "", artifact);
  const headers = { "Content-Type": MEDIA_TYPES.oci.index };
  const fault = answerStatus(200, headers, body);
  kit.upstream.fault({ match: /\/referrers\//, fault });
  const mirror = await kit.start();
  const path = `/v2/team/app/referrers/${image.root.descriptor.digest}`;
  const first = await (await mirror.ask(path)).json();
  assert.deepEqual(first.manifests, [listed]);
  await pullFrom(mirror, digest, artifact);
  kit.upstream.clearFaults();
  kit.upstream.fault({ match: /./, fault: hangUp() });
  const second = await (await mirror.ask(path)).json();
  assert.deepEqual(second.manifests, [listed]);
});

Deno.test("a mirror says 404 for referrers where upstream has no such list, so that clients look for the tag", async () => {
  await using kit = await startMirrorKit();
  kit.upstream.push("team/app", "1", image);
  kit.upstream.fault({ match: /\/referrers\//, fault: answerStatus(404) });
  const mirror = await kit.start();
  const { digest } = image.root.descriptor;
  const path = `/v2/team/app/referrers/${digest}`;
  assert.equal(await mirror.fail(path), "404 NOT_FOUND");
});
