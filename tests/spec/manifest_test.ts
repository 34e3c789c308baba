import assert from "node:assert/strict";
import fc from "fast-check";
import { IntegrityError } from "../../src/errors.ts";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import {
  type Document,
  MAX_LAYERS,
  MAX_MANIFESTS,
  parseDocument,
} from "../../src/spec/manifest.ts";
import {
  DOCKER_INDEX,
  DOCKER_MANIFEST,
  OCI_EMPTY,
  OCI_INDEX,
  OCI_MANIFEST,
} from "../../src/spec/media_type.ts";
import { DIGEST, HEX_128, HEX_64 } from "./arbitraries.ts";
import {
  type Body,
  bytesOf,
  CONFIG,
  INDEX,
  LAYER,
  MANIFEST,
  withMember,
} from "./documents.ts";

const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json";

interface Claims {
  readonly contentType?: string;
  readonly mediaType?: string;
}

function parse(body: unknown, claims: Claims = {}): Document {
  const descriptor: Descriptor = {
    mediaType: claims.mediaType ?? "",
    digest: DIGEST,
    size: 1,
  };
  const { contentType } = claims;
  return parseDocument(bytesOf(body), { descriptor, contentType });
}

function refusal(body: unknown, claims?: Claims): IntegrityError {
  try {
    parse(body, claims);
  } catch (error) {
    assert(error instanceof IntegrityError, String(error));
    assert.match(error.message, /^Cannot read document "sha256:/);
    assert.doesNotMatch(error.message, /\p{Cc}/u);
    assert(error.message.length < 2000);
    return error;
  }
  return assert.fail("the document was accepted");
}

Deno.test("parseDocument() reads an image manifest, and keeps its bytes", () => {
  const bytes = bytesOf(MANIFEST);
  const descriptor: Descriptor = { mediaType: "", digest: DIGEST, size: 1 };
  const document = parseDocument(bytes, { descriptor });
  assert.equal(document.kind, "manifest");
  assert.equal(document.bytes, bytes);
  assert.deepEqual(document.descriptor, {
    ...descriptor,
    mediaType: OCI_MANIFEST,
  });
  assert.deepEqual(document.manifest, MANIFEST);
});

Deno.test("parseDocument() reads all that a descriptor may hold", () => {
  const full = {
    ...LAYER,
    digest: `sha512:${HEX_128}`,
    urls: ["https://example.com/layer"],
    annotations: { "org.example.a": "b", constructor: "c", __proto__x: "d" },
    data: "aGVsbG8=",
    artifactType: "application/x",
  };
  const document = parse({
    ...MANIFEST,
    artifactType: "application/y",
    subject: full,
    layers: [full, full],
    annotations: full.annotations,
    unknown: { any: ["thing"] },
  });
  assert(document.kind === "manifest");
  assert.deepEqual(document.manifest, {
    ...MANIFEST,
    artifactType: "application/y",
    subject: full,
    layers: [full, full],
    annotations: full.annotations,
  });
});

Deno.test("parseDocument() reads an index with platforms, and nested indexes", () => {
  const entry = { mediaType: OCI_MANIFEST, digest: DIGEST, size: 1 };
  const document = parse({
    ...INDEX,
    manifests: [
      {
        ...entry,
        platform: {
          os: "windows",
          architecture: "amd64",
          variant: "v2",
          "os.version": "10.0.1",
          "os.features": ["win32k"],
        },
      },
      { ...entry, platform: { os: "", architecture: "" } },
      { ...entry, platform: { os: "linux" } },
      { ...entry, platform: null },
      { ...entry, mediaType: OCI_INDEX },
    ],
  });
  assert(document.kind === "index");
  assert.deepEqual(document.index.manifests, [
    {
      ...entry,
      platform: {
        os: "windows",
        architecture: "amd64",
        variant: "v2",
        osVersion: "10.0.1",
        osFeatures: ["win32k"],
      },
    },
    entry,
    { ...entry, platform: { os: "linux", architecture: "unknown" } },
    entry,
    { ...entry, mediaType: OCI_INDEX },
  ]);
});

const ACCEPTED: readonly (readonly [
  name: string,
  body: unknown,
  claims: Claims,
  mediaType: string,
])[] = [
  [
    "a Docker manifest",
    { ...MANIFEST, mediaType: DOCKER_MANIFEST },
    {},
    DOCKER_MANIFEST,
  ],
  ["a Docker list", { ...INDEX, mediaType: DOCKER_INDEX }, {}, DOCKER_INDEX],
  ["all that agree", MANIFEST, {
    contentType: OCI_MANIFEST,
    mediaType: OCI_MANIFEST,
  }, OCI_MANIFEST],
  ["a header with parameters", MANIFEST, {
    contentType: `${OCI_MANIFEST}; charset=utf-8`,
  }, OCI_MANIFEST],
  ["a header in capitals", MANIFEST, {
    contentType: OCI_MANIFEST.toUpperCase(),
  }, OCI_MANIFEST],
  [
    "a header that says JSON",
    MANIFEST,
    { contentType: "application/json" },
    OCI_MANIFEST,
  ],
  ["a header that says text", MANIFEST, {
    contentType: "text/plain; charset=utf-8",
  }, OCI_MANIFEST],
  ["an empty header", MANIFEST, { contentType: "" }, OCI_MANIFEST],
  [
    "the header's type when the body has none",
    withMember(MANIFEST, "mediaType", undefined),
    { contentType: DOCKER_MANIFEST },
    DOCKER_MANIFEST,
  ],
  [
    "the descriptor's type when the body has none",
    withMember(INDEX, "mediaType", undefined),
    { mediaType: DOCKER_INDEX },
    DOCKER_INDEX,
  ],
  [
    "a null mediaType as none",
    { ...MANIFEST, mediaType: null },
    {},
    OCI_MANIFEST,
  ],
  [
    "a manifest by its members alone",
    withMember(MANIFEST, "mediaType", undefined),
    {},
    OCI_MANIFEST,
  ],
  [
    "an index by its members alone",
    withMember(INDEX, "mediaType", undefined),
    {},
    OCI_INDEX,
  ],
  [
    "an index when a member of the other kind is null",
    { ...INDEX, layers: null, config: null },
    {},
    OCI_INDEX,
  ],
  ["no layers", { ...MANIFEST, layers: [] }, {}, OCI_MANIFEST],
  ["layers that are null", { ...MANIFEST, layers: null }, {}, OCI_MANIFEST],
  ["manifests that are null", { ...INDEX, manifests: null }, {}, OCI_INDEX],
  [
    "an artifact",
    { ...MANIFEST, config: { ...CONFIG, mediaType: OCI_EMPTY } },
    {},
    OCI_MANIFEST,
  ],
  [
    "an artifact of a tool's own type",
    {
      ...MANIFEST,
      config: {
        ...CONFIG,
        mediaType: "application/vnd.cncf.helm.config.v1+json",
      },
    },
    {},
    OCI_MANIFEST,
  ],
  ["space around", ` \n${JSON.stringify(MANIFEST)}\n\n`, {}, OCI_MANIFEST],
  ["size 0", withMember(MANIFEST, "layers/0/size", 0), {}, OCI_MANIFEST],
  [
    "the largest exact size",
    withMember(MANIFEST, "layers/0/size", Number.MAX_SAFE_INTEGER),
    {},
    OCI_MANIFEST,
  ],
  [
    "annotations that differ in case",
    { ...MANIFEST, annotations: { a: "", A: "" } },
    {},
    OCI_MANIFEST,
  ],
];

for (const [name, body, claims, mediaType] of ACCEPTED) {
  Deno.test(`parseDocument() takes ${name}`, () => {
    const document = parse(body, claims);
    assert.equal(document.descriptor.mediaType, mediaType);
    const content = document.kind === "index"
      ? document.index
      : document.manifest;
    assert.equal(content.mediaType, mediaType);
  });
}

const REFUSED: readonly (readonly [
  name: string,
  body: unknown,
  claims: Claims,
  problem: string,
])[] = [
  // Two readings: CVE-2021-41190.
  [
    "manifests beside layers",
    { ...MANIFEST, manifests: INDEX.manifests },
    {},
    'it has both "manifests" and "config"',
  ],
  [
    "layers in an index",
    { ...INDEX, layers: [] },
    {},
    'it has both "manifests" and "layers"',
  ],
  [
    "both kinds without a type",
    { schemaVersion: 2, manifests: [], layers: [] },
    {},
    'it has both "manifests" and "layers"',
  ],
  [
    "a manifest that calls itself an index",
    { ...MANIFEST, mediaType: OCI_INDEX },
    {},
    'it has "config", which a document of its type has not',
  ],
  [
    "an index that calls itself a manifest",
    { ...INDEX, mediaType: OCI_MANIFEST },
    {},
    'it has "manifests", which a document of its type has not',
  ],
  [
    "an index called a manifest by the header",
    withMember(INDEX, "mediaType", undefined),
    { contentType: OCI_MANIFEST },
    'it has "manifests"',
  ],
  [
    "members of schema 1",
    { ...MANIFEST, fsLayers: [] },
    {},
    'it has "fsLayers"',
  ],
  ["history of schema 1", { ...INDEX, history: [] }, {}, 'it has "history"'],
  [
    "a header that disagrees with the body",
    MANIFEST,
    { contentType: OCI_INDEX },
    `its mediaType says "${OCI_MANIFEST}", and its Content-Type "${OCI_INDEX}"`,
  ],
  [
    "a header of the other family",
    MANIFEST,
    { contentType: DOCKER_MANIFEST },
    "and its Content-Type",
  ],
  ["a descriptor that disagrees with the body", MANIFEST, {
    mediaType: DOCKER_MANIFEST,
  }, `and its descriptor "${DOCKER_MANIFEST}"`],
  [
    "a descriptor that disagrees with the header",
    withMember(MANIFEST, "mediaType", undefined),
    { contentType: OCI_MANIFEST, mediaType: DOCKER_MANIFEST },
    `its Content-Type says "${OCI_MANIFEST}", and its descriptor`,
  ],
  [
    "a header that says web page",
    MANIFEST,
    { contentType: "text/html" },
    'its Content-Type says "text/html", neither manifest nor index',
  ],
  [
    "a descriptor of a layer",
    MANIFEST,
    { mediaType: LAYER.mediaType },
    "its descriptor says",
  ],
  [
    "a type that nobody knows",
    { ...MANIFEST, mediaType: "application/vnd.oci.artifact.manifest.v1+json" },
    {},
    "neither manifest nor index",
  ],
  [
    "a type in capitals, which others take for none",
    { ...MANIFEST, mediaType: OCI_MANIFEST.toUpperCase() },
    {},
    "neither manifest nor index",
  ],
  [
    "a type with parameters, which others take for none",
    { ...MANIFEST, mediaType: `${OCI_MANIFEST}; a=b` },
    {},
    "neither manifest nor index",
  ],
  [
    "a duplicate key",
    `{"layers":[],${JSON.stringify(MANIFEST).slice(1)}`,
    {},
    'key "layers" stands twice in one object',
  ],
  [
    "a duplicate key that is escaped",
    `{"l\\u0061yers":[],${JSON.stringify(MANIFEST).slice(1)}`,
    {},
    'key "layers" stands twice',
  ],
  [
    "a duplicate key within a descriptor",
    JSON.stringify(MANIFEST).replace('"size":7', '"size":7,"size":8'),
    {},
    'key "size" stands twice',
  ],
  [
    "a key that Go takes for another",
    { ...MANIFEST, Layers: [] },
    {},
    'it has "Layers", which some take for "layers"',
  ],
  [
    "a key that Go folds from beyond ASCII",
    { ...MANIFEST, manifeſts: [] },
    {},
    'some take for "manifests"',
  ],
  [
    "a descriptor's key that Go takes for another",
    withMember(MANIFEST, "layers/0/Size", 1),
    {},
    'layers[0]: it has "Size"',
  ],
  [
    "a platform's key that Go takes for another",
    withMember(INDEX, "manifests/0/platform", { OS: "linux" }),
    {},
    'platform: it has "OS"',
  ],
  // Schema 1.
  [
    "schema 1 by its version",
    { schemaVersion: 1, fsLayers: [] },
    {},
    "a manifest of Docker schema 1",
  ],
  [
    "schema 1 by its own type",
    { mediaType: SCHEMA1 },
    {},
    "a manifest of Docker schema 1",
  ],
  ["schema 1 by the header", { schemaVersion: 2 }, {
    contentType: `${SCHEMA1}; charset=utf-8`,
  }, "a manifest of Docker schema 1"],
  // Not a document at all.
  ["no bytes", "", {}, "it is no JSON"],
  [
    "half a document",
    JSON.stringify(MANIFEST).slice(0, -1),
    {},
    "it is no JSON",
  ],
  ["two documents", JSON.stringify(MANIFEST).repeat(2), {}, "it is no JSON"],
  ["a web page", "<html>\x1b[31m</html>", {}, "it is no JSON"],
  [
    "a byte order mark",
    "\ufeff" + JSON.stringify(MANIFEST),
    {},
    "it starts with a byte order mark",
  ],
  ["a list", "[]", {}, "it is no object"],
  ["null", "null", {}, "it is no object"],
  ["text", '"text"', {}, "it is no object"],
  ["an empty object", "{}", {}, "it is neither a manifest nor an index"],
  [
    "nesting",
    { ...MANIFEST, x: JSON.parse("[".repeat(64) + "]".repeat(64)) },
    {},
    "it is nested more than 64 levels deep",
  ],
  // Members.
  [
    "a version to come",
    { ...MANIFEST, schemaVersion: 3 },
    {},
    "schemaVersion is not 2",
  ],
  [
    "a version that is text",
    { ...MANIFEST, schemaVersion: "2" },
    {},
    "schemaVersion is not 2",
  ],
  [
    "no version",
    withMember(MANIFEST, "schemaVersion", undefined),
    {},
    "schemaVersion is not 2",
  ],
  [
    "a type that is no text",
    { ...MANIFEST, mediaType: 3 },
    {},
    "mediaType is 3, where text is expected",
  ],
  [
    "no config",
    withMember(MANIFEST, "config", undefined),
    {},
    "config is missing",
  ],
  [
    "a config that is null",
    { ...MANIFEST, config: null },
    {},
    "config is missing",
  ],
  [
    "a config that is a list",
    { ...MANIFEST, config: [] },
    {},
    "config: it is no object",
  ],
  [
    "no layers member",
    withMember(MANIFEST, "layers", undefined),
    {},
    "layers is missing",
  ],
  [
    "no manifests member",
    { schemaVersion: 2, mediaType: OCI_INDEX },
    {},
    "manifests is missing",
  ],
  [
    "layers that are an object",
    { ...MANIFEST, layers: { length: 1 } },
    {},
    "layers is no list",
  ],
  [
    "a layer that is null",
    { ...MANIFEST, layers: [LAYER, null] },
    {},
    "layers[1]: it is no object",
  ],
  [
    "annotations that are a list",
    { ...MANIFEST, annotations: ["a"] },
    {},
    "annotations: it is no object",
  ],
  [
    "an annotation that is a number",
    { ...MANIFEST, annotations: { a: 1 } },
    {},
    "annotations: a is 1, where text is expected",
  ],
  [
    "an annotation with a long, hostile name",
    { ...MANIFEST, annotations: { ["\x1b[31m" + "x".repeat(100_000)]: 1 } },
    {},
    "annotations: \\x1b[31mxxx",
  ],
  [
    "a subject that is no descriptor",
    { ...MANIFEST, subject: {} },
    {},
    "subject: mediaType is missing",
  ],
  [
    "urls that are text",
    withMember(MANIFEST, "layers/0/urls", "https://x"),
    {},
    "layers[0]: urls is no list",
  ],
  [
    "a url that is no text",
    withMember(MANIFEST, "layers/0/urls", [1]),
    {},
    "urls[0]: it is 1, where text is expected",
  ],
  [
    "data that is no text",
    withMember(MANIFEST, "layers/0/data", 1),
    {},
    "data is 1, where text is expected",
  ],
  [
    "a platform that is text",
    withMember(INDEX, "manifests/0/platform", "linux"),
    {},
    "platform: it is no object",
  ],
  [
    "an os that is no text",
    withMember(INDEX, "manifests/0/platform", { os: {} }),
    {},
    "os is an object, where text is expected",
  ],
  [
    "a media type that no header can hold",
    withMember(MANIFEST, "layers/0/mediaType", "a/b\r\nx: y"),
    {},
    'mediaType "a/b\\x0d\\x0ax: y" is none',
  ],
  [
    "an empty media type",
    withMember(MANIFEST, "layers/0/mediaType", ""),
    {},
    'mediaType "" is none',
  ],
  [
    "a media type of 10 kB",
    withMember(MANIFEST, "layers/0/mediaType", "x".repeat(10_000)),
    {},
    "is none",
  ],
];

for (const [name, body, claims, problem] of REFUSED) {
  Deno.test(`parseDocument() refuses ${name}`, () => {
    const error = refusal(body, claims);
    assert.equal(error.code, "document-invalid");
    assert(error.message.includes(problem), error.message);
  });
}

Deno.test("parseDocument() says how to mend schema 1", () => {
  assert.match(
    refusal({ schemaVersion: 1 }).hint ?? "",
    /push the image again/,
  );
});

Deno.test("parseDocument() refuses bytes that are not UTF-8", () => {
  const bytes = bytesOf(MANIFEST);
  bytes[20] = 0xff;
  const descriptor: Descriptor = { mediaType: "", digest: DIGEST, size: 1 };
  assert.throws(
    () => parseDocument(bytes, { descriptor }),
    /^IntegrityError: Cannot read document "sha256:[0-9a-f]+": it is not UTF-8$/,
  );
});

for (
  const [size, shown] of [
    ["-1", "-1"],
    ["0.5", "0.5"],
    ["9007199254740992", "9007199254740992"],
    ["9007199254740993", "9007199254740992"],
    ["1e999", "Infinity"],
    ['"12"', '"12"'],
    ["true", "true"],
    ["[1]", "a list"],
    ["{}", "an object"],
  ] as const
) {
  Deno.test(`parseDocument() refuses the size ${size}`, () => {
    const body = JSON.stringify(MANIFEST).replace('"size":7', `"size":${size}`);
    const problem =
      `layers[0]: size is ${shown}, where a whole number from 0 is expected`;
    const { message } = refusal(body);
    assert(message.includes(problem), message);
  });
}

const DIGESTS:
  readonly (readonly [digest: unknown, code: string, problem: string])[] = [
    [`md5:${HEX_64}`, "digest-unsupported", 'algorithm "md5" is not one of'],
    [`sha1:${HEX_64}`, "digest-unsupported", 'algorithm "sha1" is not one of'],
    [`blake3:${HEX_64}`, "digest-unsupported", "is not one of sha256, sha512"],
    [`sha256+b64:${HEX_64}`, "digest-unsupported", 'algorithm "sha256+b64"'],
    [`SHA256:${HEX_64}`, "document-invalid", "is not lower case"],
    [`sha512:${HEX_64}`, "document-invalid", "the hash has 64 characters"],
    [
      `sha256:${HEX_64.toUpperCase()}`,
      "document-invalid",
      "an upper-case letter",
    ],
    ["sha256:", "document-invalid", "the hash has 0 characters"],
    [HEX_64, "document-invalid", 'there is no ":"'],
    ["../../etc/passwd", "document-invalid", 'there is no ":"'],
    [
      `sha256:../${HEX_64.slice(3)}`,
      "document-invalid",
      'has "." at position 1',
    ],
    ["", "document-invalid", 'there is no ":"'],
    ["x".repeat(1_000_000), "document-invalid", 'there is no ":"'],
    [12, "document-invalid", "digest: it is 12, where text is expected"],
    [[], "document-invalid", "digest: it is a list, where text is expected"],
    [null, "document-invalid", "digest is missing"],
  ];

for (const [digest, code, problem] of DIGESTS) {
  const name = String(digest).slice(0, 30);
  Deno.test(`parseDocument() refuses the digest ${JSON.stringify(name)} as ${code} (CVE-2021-21285, CVE-2024-3727)`, () => {
    for (const path of ["layers/0/digest", "config/digest"]) {
      const error = refusal(withMember(MANIFEST, path, digest));
      assert.equal(error.code, code);
      assert(error.message.includes(problem), error.message);
    }
  });
}

Deno.test("parseDocument() takes as many layers and manifests as it says, and no more", () => {
  const layers = (n: number) => ({ ...MANIFEST, layers: Array(n).fill(LAYER) });
  const manifests = (n: number) => ({
    ...INDEX,
    manifests: Array(n).fill(LAYER),
  });
  const manifest = parse(layers(MAX_LAYERS));
  assert(manifest.kind === "manifest");
  assert.equal(manifest.manifest.layers.length, MAX_LAYERS);
  const index = parse(manifests(MAX_MANIFESTS));
  assert(index.kind === "index");
  assert.equal(index.index.manifests.length, MAX_MANIFESTS);
  assert.match(
    refusal(layers(MAX_LAYERS + 1)).message,
    /layers has 10001 items, more than 10000/,
  );
  assert.match(
    refusal(manifests(100_000)).message,
    /manifests has 100000 items, more than 10000/,
  );
});

Deno.test("parseDocument() reads no item of a list that is too long", () => {
  const { message } = refusal({
    ...MANIFEST,
    layers: Array(MAX_LAYERS + 1).fill(null),
  });
  assert.match(message, /layers has 10001 items/);
});

Deno.test("parseDocument() leaves prototypes alone", () => {
  const text = JSON.stringify(MANIFEST).replace(
    "{",
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"annotations":{"__proto__":"x"},',
  );
  const document = parse(text);
  assert(document.kind === "manifest");
  assert.deepEqual(
    Object.entries(document.manifest.annotations ?? {}),
    [["__proto__", "x"]],
  );
  assert.equal(
    Object.getPrototypeOf(document.manifest.annotations),
    Object.prototype,
  );
  assert.equal(({} as Body).polluted, undefined);
});

Deno.test("parseDocument() reads back what it read", () => {
  const annotations = fc.dictionary(fc.string(), fc.string(), {
    noNullPrototype: true,
    maxKeys: 4,
  });
  const descriptors = fc.record({
    mediaType: fc.constantFrom(LAYER.mediaType, OCI_MANIFEST, "x/y"),
    digest: fc.constant(DIGEST),
    size: fc.maxSafeNat(),
    annotations,
    urls: fc.array(fc.webUrl(), { maxLength: 2 }),
    data: fc.base64String(),
  }, { requiredKeys: ["mediaType", "digest", "size"], noNullPrototype: true });
  const lists = fc.array(descriptors, { maxLength: 5 });
  fc.assert(fc.property(lists, annotations, (list, annotations) => {
    const index = parse({ ...INDEX, manifests: list, annotations });
    assert(index.kind === "index");
    assert.deepEqual(index.index, { ...INDEX, manifests: list, annotations });
    const again = parse(index.index);
    assert(again.kind === "index");
    assert.deepEqual(again.index, index.index);
  }));
});

Deno.test("parseDocument() throws nothing but IntegrityError when the document is arbitrary (CVE-2021-21285)", () => {
  const paths = fc.constantFrom(
    "mediaType",
    "schemaVersion",
    "config",
    "config/digest",
    "layers",
    "layers/0",
    "layers/0/size",
    "layers/0/platform",
    "annotations",
    "subject",
    "manifests",
  );
  const bent = fc.tuple(paths, fc.jsonValue())
    .map(([path, value]) => withMember(MANIFEST, path, value));
  const bodies = fc.oneof(bent, fc.jsonValue(), fc.string());
  const types = fc.constantFrom("", OCI_MANIFEST, OCI_INDEX, "x", "\x1b");
  fc.assert(
    fc.property(bodies, types, types, (body, contentType, mediaType) => {
      try {
        parse(body, { contentType, mediaType });
      } catch (error) {
        assert(error instanceof IntegrityError, String(error));
        assert.doesNotMatch(error.message, /\p{Cc}/u);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("parseDocument() says of a web page who may have sent it, and of nothing else", () => {
  for (
    const page of ["<html>", "\n<!DOCTYPE html>\n<html>", "<HTML lang=en>"]
  ) {
    assert.match(refusal(page).hint ?? "", /^it is a web page: /, page);
  }
  for (const other of ["", "{", "<xml/>", '{"a":"<html>"', "not <html>"]) {
    assert.equal(refusal(other).hint, undefined, other);
  }
});
