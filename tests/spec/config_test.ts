import assert from "node:assert/strict";
import fc from "fast-check";
import { IntegrityError } from "../../src/errors.ts";
import {
  assertLayersMatch,
  type ImageConfig,
  parseImageConfig,
} from "../../src/spec/config.ts";
import { type ImageManifest, MAX_LAYERS } from "../../src/spec/manifest.ts";
import { OCI_MANIFEST } from "../../src/spec/media_type.ts";
import { DIGEST, HEX_128, HEX_64 } from "./arbitraries.ts";
import { type Body, bytesOf, CONFIG, LAYER } from "./documents.ts";

const ROOTFS: Body = { type: "layers", diff_ids: [DIGEST] };
const EMPTY: ImageConfig = {
  platform: { os: "unknown", architecture: "unknown" },
  diffIds: [DIGEST],
  history: [],
  env: [],
  cmd: [],
  entrypoint: [],
  volumes: [],
  exposedPorts: [],
  labels: {},
};

function parse(body: unknown): ImageConfig {
  return parseImageConfig(bytesOf(body));
}

Deno.test("parseImageConfig() reads all that dray shows", () => {
  const config = parse({
    created: "2026-01-02T03:04:05.678Z",
    author: "me",
    architecture: "arm",
    variant: "v7",
    os: "linux",
    "os.version": "1.2",
    "os.features": ["f"],
    config: {
      User: "1000",
      ExposedPorts: { "80/tcp": {} },
      Env: ["PATH=/bin", "A=b"],
      Entrypoint: ["/bin/sh"],
      Cmd: ["-c", "true"],
      Volumes: { "/data": {} },
      WorkingDir: "/srv",
      Labels: { a: "b", __proto: "c" },
      StopSignal: "SIGTERM",
    },
    rootfs: { type: "layers", diff_ids: [DIGEST, `sha512:${HEX_128}`, DIGEST] },
    history: [
      { created: "x", created_by: "RUN", author: "a", comment: "c" },
      { empty_layer: true },
    ],
  });
  assert.deepEqual(config, {
    platform: {
      os: "linux",
      architecture: "arm",
      variant: "v7",
      osVersion: "1.2",
      osFeatures: ["f"],
    },
    created: "2026-01-02T03:04:05.678Z",
    author: "me",
    diffIds: [DIGEST, `sha512:${HEX_128}`, DIGEST],
    history: [
      { created: "x", createdBy: "RUN", author: "a", comment: "c" },
      { emptyLayer: true },
    ],
    env: ["PATH=/bin", "A=b"],
    cmd: ["-c", "true"],
    entrypoint: ["/bin/sh"],
    workingDir: "/srv",
    user: "1000",
    volumes: ["/data"],
    exposedPorts: ["80/tcp"],
    labels: { a: "b", __proto: "c" },
    stopSignal: "SIGTERM",
  });
});

const LENIENT: readonly (readonly [
  name: string,
  body: Body,
  want: Partial<ImageConfig>,
])[] = [
  ["nothing but rootfs", {}, {}],
  ["a created that is no date", { created: "0000-99-99 \x1b[31m" }, {
    created: "0000-99-99 \x1b[31m",
  }],
  ["a created that is a number", { created: 12 }, {}],
  ["a created that is empty", { created: "" }, {}],
  ["a config that is null", { config: null }, {}],
  ["a config that is a list", { config: [{ User: "x" }] }, {}],
  ["environment of mixed types", { config: { Env: ["a=b", 1, null, ["c"]] } }, {
    env: ["a=b"],
  }],
  ["a command that is text", { config: { Cmd: "sh" } }, { cmd: ["sh"] }],
  ["labels of mixed types", { config: { Labels: { a: "b", c: 1, d: null } } }, {
    labels: { a: "b" },
  }],
  ["labels that are a list", { config: { Labels: ["a"] } }, {}],
  ["volumes that are null", { config: { Volumes: null } }, {}],
  ["history of mixed types", {
    history: [null, 1, "x", {}, { created_by: 3, empty_layer: "yes" }],
  }, { history: [{}, {}] }],
  ["history that is an object", { history: { length: 3 } }, {}],
  ["a platform of wrong types", { os: 1, architecture: ["amd64"] }, {}],
  ["no rootfs type", { rootfs: { diff_ids: [DIGEST] } }, {}],
  // Docker's omitempty, of an image without layers.
  ["no diff_ids", { rootfs: { type: "layers" } }, { diffIds: [] }],
  ["diff_ids that are null", { rootfs: { type: "layers", diff_ids: null } }, {
    diffIds: [],
  }],
];

for (const [name, body, want] of LENIENT) {
  Deno.test(`parseImageConfig() bears ${name}`, () => {
    assert.deepEqual(parse({ rootfs: ROOTFS, ...body }), { ...EMPTY, ...want });
  });
}

const REFUSED: readonly (readonly [
  name: string,
  body: unknown,
  problem: string,
  code?: string,
])[] = [
  ["no rootfs", {}, "image config: rootfs is missing"],
  ["a rootfs that is null", { rootfs: null }, "rootfs is missing"],
  ["a rootfs that is a list", { rootfs: [] }, "rootfs: it is no object"],
  [
    "a rootfs of another type",
    { rootfs: { ...ROOTFS, type: "layers+base" } },
    'rootfs: type is "layers+base", not "layers"',
  ],
  [
    "diff_ids that are text",
    { rootfs: { diff_ids: DIGEST } },
    "diff_ids is no list",
  ],
  [
    "a diff_id that is no digest",
    { rootfs: { diff_ids: [DIGEST, HEX_64] } },
    'diff_ids[1]: "',
  ],
  [
    "a diff_id that is null",
    { rootfs: { diff_ids: [null] } },
    "diff_ids[0]: it is null",
  ],
  [
    "a diff_id of an unknown algorithm",
    { rootfs: { diff_ids: [`md5:${HEX_64}`] } },
    'algorithm "md5"',
    "digest-unsupported",
  ],
  ["too many diff_ids", {
    rootfs: { diff_ids: Array(MAX_LAYERS + 1).fill(DIGEST) },
  }, "diff_ids has 10001 items, more than 10000"],
  [
    "a second rootfs by case",
    { rootfs: ROOTFS, RootFS: ROOTFS },
    'it has "RootFS", which some take for "rootfs"',
  ],
  [
    "a second rootfs",
    `{"rootfs":{},"rootfs":${JSON.stringify(ROOTFS)}}`,
    'key "rootfs" stands twice in one object',
  ],
  [
    "second diff_ids",
    { rootfs: { ...ROOTFS, Diff_IDs: [] } },
    'it has "Diff_IDs"',
  ],
  ["no object", "[]", "image config: it is no object"],
  ["no JSON", "{", "image config: it is no JSON"],
];

for (const [name, body, problem, code = "document-invalid"] of REFUSED) {
  Deno.test(`parseImageConfig() refuses ${name}`, () => {
    assert.throws(() => parse(body), (error) => {
      assert(error instanceof IntegrityError, String(error));
      assert.equal(error.code, code);
      assert(error.message.startsWith("Cannot read image config"));
      assert(error.message.includes(problem), error.message);
      return true;
    });
  });
}

Deno.test("parseImageConfig() names the document it was told of", () => {
  assert.throws(
    () => parseImageConfig(bytesOf({}), `image config "${DIGEST}"`),
    { message: `Cannot read image config "${DIGEST}": rootfs is missing` },
  );
});

Deno.test("parseImageConfig() throws nothing but IntegrityError when members are arbitrary", () => {
  const values = fc.jsonValue({ maxDepth: 3 });
  const bodies = fc.record({
    created: values,
    os: values,
    "os.features": values,
    config: fc.oneof(
      values,
      fc.record({ Env: values, Cmd: values, Labels: values, Volumes: values }),
    ),
    history: values,
    rootfs: fc.oneof(
      values,
      fc.constant(ROOTFS),
      fc.record({ diff_ids: values }),
    ),
  }, { requiredKeys: [] });
  fc.assert(
    fc.property(bodies, (body) => {
      try {
        parse(body);
      } catch (error) {
        assert(error instanceof IntegrityError, String(error));
        assert.match(error.message, /rootfs/);
      }
    }),
    { numRuns: 1000 },
  );
});

function manifestOf(layers: number): ImageManifest {
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: CONFIG,
    layers: Array(layers).fill(LAYER),
  };
}

Deno.test("assertLayersMatch() passes when the counts are equal", () => {
  assertLayersMatch(manifestOf(1), EMPTY);
  assertLayersMatch(manifestOf(0), { ...EMPTY, diffIds: [] });
});

for (const layers of [0, 2, 100]) {
  Deno.test(`assertLayersMatch() refuses ${layers} layers for one diff_id`, () => {
    assert.throws(
      () => assertLayersMatch(manifestOf(layers), EMPTY),
      (error) => {
        assert(error instanceof IntegrityError);
        assert.equal(error.code, "document-invalid");
        assert.match(error.message, /it has 1 diff_ids where its manifest has/);
        assert.deepEqual(error.details, { expected: layers, actual: 1 });
        return true;
      },
    );
  });
}
