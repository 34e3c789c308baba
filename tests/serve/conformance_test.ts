import assert from "node:assert/strict";
import { serve } from "../../src/serve_store.ts";
import { Store } from "../../src/store/store.ts";
import { storeImage } from "../store/stored_fixture.ts";
import {
  buildArtifact,
  buildImage,
  MEDIA_TYPES,
} from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";

// The cases of the distribution specification's conformance suite (1.1) that a registry without
// pushes has: its workflows "Pull" and "Content Discovery".

const image = buildImage({ layers: [{ randomBytes: 200_000 }] });
const [layer] = image.layers;
assert.ok(layer !== undefined);
const subject = image.root.descriptor;
const ARTIFACT_A = "application/vnd.nhl.peanut.butter.bagel";
const ARTIFACT_B = "application/vnd.nba.strawberry.jam.croissant";
const referrers = [ARTIFACT_A, ARTIFACT_B].map((artifactType) =>
  buildArtifact({ "a.txt": artifactType }, { artifactType, subject })
);
const ABSENT = `sha256:${"0".repeat(64)}`;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

interface Suite {
  ask(method: string, path: string, headers?: HeadersInit): Promise<Answer>;
}

const CASES: Record<string, (suite: Suite) => Promise<void>> = {
  "GET /v2/ answers 200": async ({ ask }) => {
    assert.equal((await ask("GET", "/v2/")).status, 200);
  },
  "HEAD of a nonexistent blob answers 404": async ({ ask }) => {
    const { status } = await ask("HEAD", `/v2/org/app/blobs/${ABSENT}`);
    assert.equal(status, 404);
  },
  "HEAD of a blob answers 200 with its digest and size": async ({ ask }) => {
    const { digest, size } = layer.descriptor;
    const answer = await ask("HEAD", `/v2/org/app/blobs/${digest}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("docker-content-digest"), digest);
    assert.equal(answer.headers.get("content-length"), String(size));
    assert.equal(answer.bytes.length, 0);
  },
  "GET of a nonexistent blob answers 404": async ({ ask }) => {
    const { status } = await ask("GET", `/v2/org/app/blobs/${ABSENT}`);
    assert.equal(status, 404);
  },
  "GET of a blob answers its bytes": async ({ ask }) => {
    const { digest } = layer.descriptor;
    const answer = await ask("GET", `/v2/org/app/blobs/${digest}`);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.bytes, layer.bytes);
  },
  "GET of a range of a blob answers 206 with these bytes": async ({ ask }) => {
    const { digest } = layer.descriptor;
    const path = `/v2/org/app/blobs/${digest}`;
    const answer = await ask("GET", path, { range: "bytes=5-9" });
    assert.equal(answer.status, 206);
    assert.deepEqual(answer.bytes, layer.bytes.slice(5, 10));
  },
  "GET of a range past the end answers 416": async ({ ask }) => {
    const { digest, size } = layer.descriptor;
    const path = `/v2/org/app/blobs/${digest}`;
    const answer = await ask("GET", path, { range: `bytes=${size}-` });
    assert.equal(answer.status, 416);
  },
  "HEAD and GET of a nonexistent manifest answer 404": async ({ ask }) => {
    for (const method of ["HEAD", "GET"]) {
      for (const reference of [".INVALID_MANIFEST_NAME", "absent", ABSENT]) {
        const path = `/v2/org/app/manifests/${reference}`;
        assert.equal((await ask(method, path)).status, 404, path);
      }
    }
  },
  "HEAD and GET of a manifest answer by tag and by digest": async ({ ask }) => {
    for (const reference of ["1", subject.digest]) {
      const path = `/v2/org/app/manifests/${reference}`;
      const head = await ask("HEAD", path);
      const get = await ask("GET", path);
      assert.deepEqual(get.bytes, image.root.bytes);
      for (const { status, headers } of [head, get]) {
        assert.equal(status, 200);
        assert.equal(headers.get("docker-content-digest"), subject.digest);
        assert.equal(headers.get("content-type"), subject.mediaType);
        assert.equal(headers.get("content-length"), String(subject.size));
      }
    }
  },
  "an error has a body in the specification's form": async ({ ask }) => {
    const path = `/v2/org/app/manifests/${ABSENT}`;
    const { headers, bytes } = await ask("GET", path);
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
    const [error] = JSON.parse(new TextDecoder().decode(bytes)).errors;
    assert.equal(error.code, "MANIFEST_UNKNOWN");
    assert.equal(typeof error.message, "string");
  },
  "GET of tags answers all, n of them, and those after last": async (
    { ask },
  ) => {
    const tagsOf = async (query: string): Promise<string[]> => {
      const { bytes } = await ask("GET", `/v2/org/app/tags/list${query}`);
      return JSON.parse(new TextDecoder().decode(bytes)).tags;
    };
    const all = await tagsOf("");
    assert.deepEqual(all, ["1", "2", "3"]);
    assert.deepEqual(await tagsOf("?n=2"), ["1", "2"]);
    assert.deepEqual(await tagsOf("?n=2&last=2"), ["3"]);
  },
  "GET of the referrers of nothing known answers an empty index": async (
    { ask },
  ) => {
    const answer = await ask("GET", `/v2/org/app/referrers/${ABSENT}`);
    assert.equal(answer.status, 200);
    const index = JSON.parse(new TextDecoder().decode(answer.bytes));
    assert.deepEqual(index.manifests, []);
    assert.equal(index.mediaType, MEDIA_TYPES.oci.index);
  },
  "GET of referrers answers them, and filtered by artifactType": async (
    { ask },
  ) => {
    const path = `/v2/org/app/referrers/${subject.digest}`;
    const all = JSON.parse(
      new TextDecoder().decode((await ask("GET", path)).bytes),
    );
    assert.equal(all.manifests.length, 2);
    const query = `artifactType=${encodeURIComponent(ARTIFACT_A)}`;
    const some = await ask("GET", `${path}?${query}`);
    assert.equal(some.headers.get("content-type"), MEDIA_TYPES.oci.index);
    assert.equal(some.headers.get("oci-filters-applied"), "artifactType");
    const { manifests } = JSON.parse(new TextDecoder().decode(some.bytes));
    assert.deepEqual(
      manifests.map((each: { artifactType: string }) => each.artifactType),
      [ARTIFACT_A],
    );
  },
  "what changes content is refused": async ({ ask }) => {
    const cases = [
      ["POST", "/v2/org/app/blobs/uploads/"],
      ["PUT", "/v2/org/app/manifests/1"],
      ["DELETE", "/v2/org/app/manifests/1"],
      ["PATCH", "/v2/org/app/blobs/uploads/1"],
    ] as const;
    for (const [method, path] of cases) {
      const { status, bytes } = await ask(method, path);
      assert.equal(status, 405);
      assert.match(new TextDecoder().decode(bytes), /"UNSUPPORTED"/);
    }
  },
};

Deno.test("serve() passes the specification's cases of pulling and discovery", async (context) => {
  await using dir = await tempDir();
  await using store = await Store.open(dir.path, { sync: false });
  for (const tag of ["1", "2", "3"]) {
    await storeImage(store, `ghcr.io/org/app:${tag}`, image);
  }
  for (const referrer of referrers) {
    const { digest } = referrer.root.descriptor;
    await storeImage(store, `ghcr.io/org/app@${digest}`, referrer);
  }
  await using server = serve(store);
  const suite: Suite = {
    async ask(method, path, headers = {}) {
      const url = `http://${server.host}${path}`;
      const response = await fetch(url, { method, headers });
      const { status } = response;
      const bytes = await response.bytes();
      return { status, headers: response.headers, bytes };
    },
  };
  for (const [name, run] of Object.entries(CASES)) {
    await context.step(name, () => run(suite));
  }
});
