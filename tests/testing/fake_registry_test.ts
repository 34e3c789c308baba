import assert from "node:assert/strict";
import { startFakeRegistry } from "./fake_registry.ts";
import { buildImage, buildMultiPlatform } from "./image_builder.ts";

const image = buildImage({ layers: [{ randomBytes: 5000 }] });
const digest = image.layers[0]?.descriptor.digest ?? "";

async function status(
  url: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(url, { headers });
  await response.body?.cancel();
  return response.status;
}

async function getToken(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  assert.equal(response.status, 200);
  const body = await response.json();
  return body.token ?? body.access_token;
}

Deno.test("startFakeRegistry() serves manifests by tag and digest, and error documents", async () => {
  await using registry = startFakeRegistry();
  assert.equal(
    registry.push("team/app", "v1", image),
    `${registry.host}/team/app:v1`,
  );
  for (const reference of ["v1", image.root.descriptor.digest]) {
    const response = await fetch(
      `${registry.url}/v2/team/app/manifests/${reference}`,
    );
    assert.equal(
      response.headers.get("content-type"),
      image.root.descriptor.mediaType,
    );
    assert.equal(
      response.headers.get("docker-content-digest"),
      image.root.descriptor.digest,
    );
    assert.deepEqual(await response.bytes(), image.root.bytes);
  }
  for (
    const [path, code] of [
      ["team/app/manifests/v2", "MANIFEST_UNKNOWN"],
      ["team/none/manifests/v1", "NAME_UNKNOWN"],
      [`team/none/blobs/${digest}`, "BLOB_UNKNOWN"],
    ]
  ) {
    const response = await fetch(`${registry.url}/v2/${path}`);
    assert.equal(response.status, 404);
    assert.equal((await response.json()).errors[0].code, code);
  }
});

Deno.test("startFakeRegistry() serves single ranges and refuses those past the end", async () => {
  await using registry = startFakeRegistry();
  registry.push("app", "v1", image);
  const url = `${registry.url}/v2/app/blobs/${digest}`;
  const size = image.layers[0]?.descriptor.size ?? 0;
  for (
    const [range, expected] of [
      ["bytes=0-9", `206 bytes 0-9/${size}`],
      ["bytes=10-", `206 bytes 10-${size - 1}/${size}`],
      ["bytes=-5", `206 bytes ${size - 5}-${size - 1}/${size}`],
      [`bytes=${size}-`, `416 bytes */${size}`],
      ["bytes=0-1,4-5", "200 null"],
    ] as const
  ) {
    const response = await fetch(url, { headers: { range } });
    await response.body?.cancel();
    assert.equal(
      `${response.status} ${response.headers.get("content-range")}`,
      expected,
    );
  }
  assert.equal(
    await status(url, { range: "bytes=0-9", "if-range": '"other"' }),
    200,
  );
});

Deno.test("startFakeRegistry() asks for tokens with the repository's scope", async () => {
  await using registry = startFakeRegistry({
    auth: {
      kind: "bearer",
      realm: "other",
      users: { ann: "pw" },
      uses: 1,
      expiredStatus: 403,
    },
  });
  registry.push("app", "v1", image);
  const url = `${registry.url}/v2/app/manifests/v1`;
  const refused = await fetch(url);
  await refused.body?.cancel();
  assert.equal(
    refused.headers.get("www-authenticate"),
    `Bearer realm="${registry.tokenServer.url}/token",service="fake-service",scope="repository:app:pull"`,
  );
  const realm = `${registry.tokenServer.url}/token?scope=repository:app:pull`;
  assert.equal(await status(realm), 401);
  const basic = { headers: { authorization: `Basic ${btoa("ann:pw")}` } };
  const bearer = { authorization: `Bearer ${await getToken(realm, basic)}` };
  assert.deepEqual([await status(url, bearer), await status(url, bearer)], [
    200,
    403,
  ]);
  const other = `${registry.tokenServer.url}/token?scope=repository:other:pull`;
  assert.equal(
    await status(url, {
      authorization: `Bearer ${await getToken(other, basic)}`,
    }),
    401,
  );
  assert.equal(registry.tokenRequests.length, 3);
});

Deno.test("startFakeRegistry() grants by OAuth2 POST and expires on demand", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "bearer", identityToken: "id", tokenField: "access_token" },
  });
  registry.push("app", "v1", image);
  const form = {
    grant_type: "refresh_token",
    refresh_token: "id",
    scope: "repository:app:pull",
  };
  const token = await getToken(`${registry.url}/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  const url = `${registry.url}/v2/app/manifests/v1`;
  assert.equal(await status(url, { authorization: `Bearer ${token}` }), 200);
  registry.auth.expireTokens();
  assert.equal(await status(url, { authorization: `Bearer ${token}` }), 401);
});

Deno.test("startFakeRegistry() takes basic credentials", async () => {
  await using registry = startFakeRegistry({
    auth: { kind: "basic", users: { ann: "p:w" } },
  });
  const url = `${registry.url}/v2/`;
  assert.equal(await status(url), 401);
  assert.equal(
    await status(url, { authorization: `Basic ${btoa("ann:p:w")}` }),
    200,
  );
  assert.equal(
    await status(url, { authorization: `Basic ${btoa("ann:no")}` }),
    401,
  );
});

Deno.test("startFakeRegistry() redirects blobs to signed URLs that expire", async () => {
  await using registry = startFakeRegistry({
    redirectBlobs: true,
    signedUrlUses: 2,
  });
  registry.push("team/app", "v1", image);
  const first = await fetch(`${registry.url}/v2/team/app/blobs/${digest}`, {
    redirect: "manual",
  });
  await first.body?.cancel();
  const location = first.headers.get("location") ?? "";
  assert.ok(location.startsWith(registry.cdn.url));
  assert.equal(await status(location, { authorization: "Bearer x" }), 400);
  assert.deepEqual([await status(location), await status(location)], [
    200,
    200,
  ]);
  assert.equal(await status(location), 403);
  assert.equal(
    await status(`${registry.url}/v2/team/app/blobs/${digest}`),
    200,
  );
  assert.equal(registry.blobRequests.length, 3);
});

Deno.test("startFakeRegistry() pages tags with Link", async () => {
  await using registry = startFakeRegistry({ pageSize: 2 });
  for (const tag of ["c", "a", "b"]) registry.push("app", tag, image);
  const first = await fetch(`${registry.url}/v2/app/tags/list`);
  assert.deepEqual((await first.json()).tags, ["a", "b"]);
  const next =
    /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  const second = await fetch(new URL(next, registry.url));
  assert.deepEqual((await second.json()).tags, ["c"]);
  assert.equal(second.headers.get("link"), null);
});

Deno.test("startFakeRegistry() serves every platform of an index", async () => {
  await using registry = startFakeRegistry();
  const index = buildMultiPlatform([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm", variant: "v7" },
  ], { attestations: true });
  registry.push("app", "v1", index);
  const body = await (await fetch(`${registry.url}/v2/app/manifests/v1`))
    .json();
  assert.equal(body.manifests.length, 4);
  for (const { digest, size } of body.manifests) {
    const document =
      await (await fetch(`${registry.url}/v2/app/manifests/${digest}`)).bytes();
    assert.equal(document.length, size);
  }
});
