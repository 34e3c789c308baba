import assert from "node:assert/strict";
import {
  ACCEPT_DOCUMENTS,
  baseMediaType,
  DOCKER_CONFIG,
  DOCKER_FOREIGN_LAYER,
  DOCKER_INDEX,
  DOCKER_LAYER_GZIP,
  DOCKER_MANIFEST,
  isForeignLayerType,
  isImageConfigType,
  isIndexType,
  isLayerType,
  isManifestType,
  isSchema1Type,
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_INDEX,
  OCI_LAYER,
  OCI_LAYER_GZIP,
  OCI_LAYER_ZSTD,
  OCI_MANIFEST,
} from "../../src/spec/media_type.ts";

const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json";
const FOREIGN_OCI =
  "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";

/** Each type, and the questions that it answers with yes. */
const CASES:
  readonly (readonly [mediaType: string, kinds: readonly string[]])[] = [
    [OCI_INDEX, ["index"]],
    [DOCKER_INDEX, ["index"]],
    [OCI_MANIFEST, ["manifest"]],
    [DOCKER_MANIFEST, ["manifest"]],
    [OCI_CONFIG, ["config"]],
    [DOCKER_CONFIG, ["config"]],
    [OCI_EMPTY, []],
    [OCI_LAYER, ["layer"]],
    [OCI_LAYER_GZIP, ["layer"]],
    [OCI_LAYER_ZSTD, ["layer"]],
    [DOCKER_LAYER_GZIP, ["layer"]],
    ["application/vnd.docker.image.rootfs.diff.tar", ["layer"]],
    ["application/vnd.docker.image.rootfs.diff.tar.zstd", ["layer"]],
    [DOCKER_FOREIGN_LAYER, ["layer", "foreign"]],
    [FOREIGN_OCI, ["layer", "foreign"]],
    [SCHEMA1, ["schema1"]],
    ["application/vnd.docker.distribution.manifest.v1+prettyjws", ["schema1"]],
    // Encrypted layers are not what they become: ocicrypt's suffix.
    ["application/vnd.oci.image.layer.v1.tar+gzip+encrypted", []],
    ["application/vnd.oci.image.layer.v1.tarball", []],
    ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", []],
    ["application/json", []],
    ["", []],
  ];

for (const [mediaType, kinds] of CASES) {
  Deno.test(`is…Type() tells what ${mediaType || "an empty type"} is`, () => {
    const spellings = [
      mediaType,
      ` ${mediaType.toUpperCase()} ; charset=utf-8`,
    ];
    for (const text of spellings) {
      const said = {
        index: isIndexType(text),
        manifest: isManifestType(text),
        config: isImageConfigType(text),
        layer: isLayerType(text),
        foreign: isForeignLayerType(text),
        schema1: isSchema1Type(text),
      };
      const yes = Object.entries(said).filter(([, is]) => is);
      assert.deepEqual(yes.map(([kind]) => kind), kinds, text);
    }
  });
}

Deno.test("baseMediaType() strips parameters and case", () => {
  assert.equal(baseMediaType("Text/HTML; charset=utf-8; q=1"), "text/html");
  assert.equal(baseMediaType(""), "");
});

Deno.test("ACCEPT_DOCUMENTS asks for both kinds in both families, and for schema 1 never", () => {
  const types = ACCEPT_DOCUMENTS.split(", ");
  assert.deepEqual(
    new Set(types),
    new Set([OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST]),
  );
});
