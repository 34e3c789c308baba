import assert from "node:assert/strict";
import { BlobSources } from "../../src/pull/blob_sources.ts";

Deno.test("BlobSources refuses another ETag of the same host, once", () => {
  const sources = new BlobSources();
  assert.ok(sources.admit({ source: "a", etag: '"1"' }));
  assert.equal(sources.etag, '"1"');
  assert.ok(sources.admit({ source: "a", etag: '"1"' }));
  assert.ok(sources.admit({ source: "a" }));
  assert.equal(sources.admit({ source: "a", etag: '"2"' }), false);
  assert.equal(sources.etag, undefined);
  assert.ok(sources.admit({ source: "a", etag: '"3"' }));
});

Deno.test("BlobSources does not compare the ETags of two hosts", () => {
  const sources = new BlobSources();
  assert.ok(sources.admit({ source: "mirror", etag: '"1"' }));
  sources.avoid("mirror");
  assert.equal(sources.etag, undefined);
  assert.ok(sources.admit({ source: "origin", etag: '"2"' }));
  assert.deepEqual([...sources.avoided], ["mirror"]);
});

Deno.test("BlobSources.avoidUsed() avoids whoever served a byte", () => {
  const sources = new BlobSources();
  sources.admit({ source: "a", etag: '"1"' });
  sources.admit({ source: "b" });
  sources.avoidUsed();
  assert.deepEqual([...sources.avoided], ["a", "b"]);
  assert.ok(sources.admit({ source: "a", etag: '"other"' }));
});
