import assert from "node:assert/strict";
import { createMemorySource } from "../../src/serve/memory_source.ts";
import {
  createRegistryHandler,
  type RegistryHandler,
} from "../../src/serve/registry_handler.ts";
import type { RegistrySource } from "../../src/serve/registry_source.ts";
import { createSampleImage } from "../../src/serve/sample_image.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";

const image = createSampleImage({ noiseBytes: 10_000 });
const root = image.root.descriptor;
const [blob] = image.blobs;
assert.ok(blob !== undefined);
const { digest, size } = blob.descriptor;
const source = createMemorySource([
  { repository: "team/sample", tags: ["latest", "1", "B", "a"], image },
]);
const handler = createRegistryHandler(source);
const ABSENT = `sha256:${"0".repeat(64)}`;

async function ask(
  path: string,
  init: RequestInit = {},
  to: RegistryHandler = handler,
): Promise<Response> {
  return await to(new Request(`http://registry.test${path}`, init));
}

async function errorOf(response: Response): Promise<string> {
  const body = await response.json();
  return `${response.status} ${body.errors[0].code}`;
}

Deno.test("createRegistryHandler() answers the base endpoint", async () => {
  for (const path of ["/v2/", "/v2"]) {
    const response = await ask(path);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "{}");
    assert.equal(
      response.headers.get("docker-distribution-api-version"),
      "registry/2.0",
    );
  }
});

Deno.test("createRegistryHandler() serves manifests by tag and by digest, byte for byte", async () => {
  for (
    const reference of [
      "latest",
      root.digest,
      encodeURIComponent(root.digest),
    ]
  ) {
    const path = `/v2/team/sample/manifests/${reference}`;
    const response = await ask(path);
    assert.deepEqual(await response.bytes(), image.root.bytes);
    for (const answer of [response, await ask(path, { method: "HEAD" })]) {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("content-type"), root.mediaType);
      assert.equal(answer.headers.get("content-length"), String(root.size));
      assert.equal(answer.headers.get("docker-content-digest"), root.digest);
      assert.equal(answer.headers.get("etag"), `"${root.digest}"`);
    }
  }
});

Deno.test("createRegistryHandler() serves every document and blob of an index", async () => {
  for (
    const [kind, parts] of [
      ["manifests", image.documents],
      ["blobs", image.blobs],
    ] as const
  ) {
    for (const part of parts) {
      const path = `/v2/team/sample/${kind}/${part.descriptor.digest}`;
      assert.deepEqual(await (await ask(path)).bytes(), part.bytes);
    }
  }
});

Deno.test("createRegistryHandler() answers HEAD of a blob with its size and no body", async () => {
  const path = `/v2/team/sample/blobs/${digest}`;
  const headers = { range: "bytes=0-1" }; // A range means nothing to HEAD.
  const response = await ask(path, { method: "HEAD", headers });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-length"), String(size));
  assert.equal(response.headers.get("accept-ranges"), "bytes");
  assert.equal(response.body, null);
});

Deno.test("createRegistryHandler() serves one range of a blob", async () => {
  const path = `/v2/team/sample/blobs/${digest}`;
  const etag = `"${digest}"`;
  const cases: [Record<string, string>, number, number, number][] = [
    [{ range: "bytes=0-9" }, 206, 0, 10],
    [{ range: "bytes=10-" }, 206, 10, size],
    [{ range: "bytes=-5" }, 206, size - 5, size],
    [{ range: "bytes=0-9", "if-range": etag }, 206, 0, 10],
    [{ range: "bytes=0-9", "if-range": '"other"' }, 200, 0, size],
    [{ range: "bytes=0-9", "if-range": `W/${etag}` }, 200, 0, size],
    [{ range: "bytes=0-1,5-6" }, 200, 0, size],
  ];
  for (const [headers, status, start, end] of cases) {
    const response = await ask(path, { headers });
    assert.equal(response.status, status, headers["range"]);
    assert.deepEqual(await response.bytes(), blob.bytes.slice(start, end));
    assert.equal(response.headers.get("content-length"), String(end - start));
    assert.equal(
      response.headers.get("content-range"),
      status === 206 ? `bytes ${start}-${end - 1}/${size}` : null,
    );
  }
});

Deno.test("createRegistryHandler() refuses a range past the end with the size", async () => {
  const headers = { range: `bytes=${size}-` };
  const response = await ask(`/v2/team/sample/blobs/${digest}`, { headers });
  assert.equal(response.headers.get("content-range"), `bytes */${size}`);
  assert.equal(await errorOf(response), "416 RANGE_INVALID");
});

Deno.test("createRegistryHandler() says 304 to whoever has the content", async () => {
  for (
    const [path, tag] of [
      ["/v2/team/sample/manifests/latest", `"x", W/"${root.digest}"`],
      [`/v2/team/sample/blobs/${digest}`, `"${digest}"`],
    ] as const
  ) {
    const response = await ask(path, { headers: { "if-none-match": tag } });
    assert.equal(response.status, 304);
    assert.equal(response.body, null);
    const other = await ask(path, { headers: { "if-none-match": '"x"' } });
    assert.equal(other.status, 200);
    await other.body?.cancel();
  }
});

Deno.test("createRegistryHandler() answers what is wrong with its error code", async () => {
  const hex = "0".repeat(64);
  const cases: [string, string][] = [
    ["/v2/team/sample/manifests/nope", "404 MANIFEST_UNKNOWN"],
    [`/v2/team/sample/manifests/${ABSENT}`, "404 MANIFEST_UNKNOWN"],
    ["/v2/team/sample/manifests/.INVALID", "404 MANIFEST_UNKNOWN"],
    [`/v2/team/sample/manifests/${"t".repeat(129)}`, "404 MANIFEST_UNKNOWN"],
    [`/v2/team/sample/blobs/${ABSENT}`, "404 BLOB_UNKNOWN"],
    [`/v2/team/sample/blobs/${root.digest}`, "404 BLOB_UNKNOWN"],
    ["/v2/team/none/manifests/latest", "404 NAME_UNKNOWN"],
    [`/v2/team/none/blobs/${digest}`, "404 NAME_UNKNOWN"],
    ["/v2/team/none/tags/list", "404 NAME_UNKNOWN"],
    [`/v2/team/none/referrers/${digest}`, "404 NAME_UNKNOWN"],
    ["/v2/Team/sample/manifests/latest", "400 NAME_INVALID"],
    ["/v2/team%2fsample/manifests/latest", "400 NAME_INVALID"],
    ["/v2/team//sample/manifests/latest", "400 NAME_INVALID"],
    [`/v2/${"a".repeat(256)}/tags/list`, "400 NAME_INVALID"],
    ["/v2/team/sample/blobs/latest", "400 DIGEST_INVALID"],
    [`/v2/team/sample/blobs/md5:${hex}`, "400 DIGEST_INVALID"],
    [
      `/v2/team/sample/blobs/sha256:${"A".repeat(64)}`,
      "400 DIGEST_INVALID",
    ],
    ["/v2/team/sample/blobs/sha256:..%2f..%2fx", "400 DIGEST_INVALID"],
    ["/v2/team/sample/blobs/%00", "400 DIGEST_INVALID"],
    ["/v2/team/sample/blobs/%ff%zz", "400 DIGEST_INVALID"],
    ["/v2/team/sample/manifests/sha256:x", "400 DIGEST_INVALID"],
    ["/v2/team/sample/referrers/latest", "400 DIGEST_INVALID"],
    ["/v2/team/sample/tags/list?n=-1", "400 PAGINATION_NUMBER_INVALID"],
    ["/v2/team/sample/tags/list?n=1e3", "400 PAGINATION_NUMBER_INVALID"],
    ["/v2/team/sample/tags/other", "404 NOT_FOUND"],
    ["/v2/_catalog", "404 NOT_FOUND"],
    ["/v2/../../etc/passwd", "404 NOT_FOUND"],
    ["/v1/", "404 NOT_FOUND"],
    ["/", "404 NOT_FOUND"],
  ];
  for (const [path, expected] of cases) {
    assert.equal(await errorOf(await ask(path)), expected, path);
    const head = await ask(path, { method: "HEAD" });
    assert.equal(`${head.status}`, expected.slice(0, 3), path);
    assert.equal(head.body, null);
  }
});

Deno.test("createRegistryHandler() refuses writes", async () => {
  for (const method of ["PUT", "POST", "PATCH", "DELETE", "OPTIONS"]) {
    const response = await ask("/v2/team/sample/blobs/uploads/", { method });
    assert.equal(response.headers.get("allow"), "GET, HEAD");
    assert.equal(await errorOf(response), "405 UNSUPPORTED", method);
  }
});

Deno.test("createRegistryHandler() pages tags to the end, in lexical order", async () => {
  const all = ["1", "a", "B", "latest"];
  const whole = await ask("/v2/team/sample/tags/list");
  assert.deepEqual(await whole.json(), { name: "team/sample", tags: all });
  assert.equal(whole.headers.get("link"), null);
  for (const n of [1, 2, 3, 4, 5]) {
    const seen: string[] = [];
    let path: string | undefined = `/v2/team/sample/tags/list?n=${n}`;
    while (path !== undefined) {
      const response = await ask(path);
      const { tags } = await response.json();
      assert.ok(tags.length <= n);
      seen.push(...tags);
      path = /^<(.+)>; rel="next"$/.exec(response.headers.get("link") ?? "")
        ?.[1];
    }
    assert.deepEqual(seen, all);
  }
});

Deno.test("createRegistryHandler() answers n=0 with no tags and no Link", async () => {
  const response = await ask("/v2/team/sample/tags/list?n=0");
  assert.deepEqual((await response.json()).tags, []);
  assert.equal(response.headers.get("link"), null);
});

Deno.test("createRegistryHandler() never sends more than 1000 tags on a page", async () => {
  const tags = Array.from({ length: 1001 }, (_, number) => `t${number}`);
  const many = createRegistryHandler(
    createMemorySource([{ repository: "many", tags, image }]),
  );
  for (const query of ["", "?n=5000"]) {
    const response = await ask(`/v2/many/tags/list${query}`, {}, many);
    assert.equal((await response.json()).tags.length, 1000);
    assert.match(response.headers.get("link") ?? "", /n=1000&last=t998>/);
  }
});

Deno.test("createRegistryHandler() lists referrers, filtered, and an empty index where there are none", async () => {
  const descriptor: Descriptor = {
    ...image.root.descriptor,
    artifactType: "application/x-sbom",
  };
  const other = { ...descriptor, artifactType: "application/x-signature" };
  const referred = createRegistryHandler({
    ...source,
    findReferrers: () => Promise.resolve([descriptor, other]),
  });
  const path = `/v2/team/sample/referrers/${root.digest}`;
  const none = await ask(path);
  assert.equal(
    none.headers.get("content-type"),
    "application/vnd.oci.image.index.v1+json",
  );
  assert.deepEqual((await none.json()).manifests, []);
  const all = await ask(path, {}, referred);
  assert.deepEqual((await all.json()).manifests, [descriptor, other]);
  assert.equal(all.headers.get("oci-filters-applied"), null);
  const query = "?artifactType=application%2Fx-sbom";
  const some = await ask(path + query, {}, referred);
  assert.deepEqual((await some.json()).manifests, [descriptor]);
  assert.equal(some.headers.get("oci-filters-applied"), "artifactType");
});

Deno.test("createRegistryHandler() hands ns to the source and says that it did", async () => {
  const seen: (string | undefined)[] = [];
  const watching: RegistrySource = {
    ...source,
    findManifest(repository, key) {
      seen.push(repository.namespace);
      return source.findManifest(repository, key);
    },
  };
  const to = createRegistryHandler(watching);
  for (
    const [ns, header] of [
      ["docker.io", "docker.io"],
      ["[::1]:5000", "[::1]:5000"],
      ["evil\r\nX-A: b", null],
      ["ü\u{1f600}", null],
    ] as const
  ) {
    const query = new URLSearchParams({ ns });
    const path = `/v2/team/sample/manifests/latest?${query}`;
    const response = await ask(path, {}, to);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("oci-namespace"), header);
    await response.body?.cancel();
  }
  assert.deepEqual(seen, [
    "docker.io",
    "[::1]:5000",
    "evil\r\nX-A: b",
    "ü\u{1f600}",
  ]);
});

Deno.test("createRegistryHandler() answers a failing source with 500 and tells only onError why", async () => {
  const errors: unknown[] = [];
  const failure = new Error("/secret/path is gone");
  const failing = createRegistryHandler(
    { ...source, findBlob: () => Promise.reject(failure) },
    { onError: (error) => errors.push(error) },
  );
  const path = `/v2/team/sample/blobs/${digest}`;
  const response = await ask(path, {}, failing);
  const text = await response.text();
  assert.equal(response.status, 500);
  assert.ok(text.includes("UNKNOWN") && !text.includes("secret"));
  assert.deepEqual(errors, [failure]);
});
