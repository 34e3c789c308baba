import assert from "node:assert/strict";
import fc from "fast-check";
import type { Descriptor } from "../../src/spec/descriptor.ts";
import type { ImageIndex } from "../../src/spec/manifest.ts";
import {
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_LAYER,
  OCI_MANIFEST,
} from "../../src/spec/media_type.ts";
import {
  formatFullPlatform,
  parsePlatform,
  type Platform,
} from "../../src/spec/platform.ts";
import {
  isAttestation,
  listPlatforms,
  selectManifest,
} from "../../src/spec/select_manifest.ts";
import { DIGEST } from "./arbitraries.ts";

/** An entry; `name` tells entries apart in assertions. */
function entry(
  name: string,
  platform?: Platform,
  more: Partial<Descriptor> = {},
): Descriptor {
  return {
    mediaType: OCI_MANIFEST,
    digest: DIGEST,
    size: 1,
    annotations: { name },
    ...(platform === undefined ? {} : { platform }),
    ...more,
  };
}

function indexOf(manifests: readonly Descriptor[]): ImageIndex {
  return { schemaVersion: 2, mediaType: OCI_INDEX, manifests };
}

function indexOfPlatforms(platforms: readonly string[]): ImageIndex {
  return indexOf(platforms.map((text) => entry(text, parsePlatform(text))));
}

function selected(index: ImageIndex, platform: string): string | undefined {
  return selectManifest(index, parsePlatform(platform))?.annotations?.name;
}

const CASES: readonly (readonly [
  wanted: string,
  entries: readonly string[],
  chosen: string | undefined,
])[] = [
  ["linux/amd64", ["linux/arm64", "linux/amd64"], "linux/amd64"],
  ["linux/amd64", ["linux/arm64"], undefined],
  ["linux/amd64", [], undefined],
  // Never another operating system.
  ["linux/amd64", ["windows/amd64"], undefined],
  ["windows/amd64", ["linux/amd64"], undefined],
  // Never another architecture, though the machine could run it.
  ["linux/arm64", ["linux/arm/v7"], undefined],
  ["linux/amd64", ["linux/386"], undefined],
  // Among equals the first.
  ["linux/amd64", ["linux/amd64/v1", "linux/amd64/1"], "linux/amd64/v1"],
  // Defaults: arm64 is v8, amd64 is v1, arm is v7.
  ["linux/arm64", ["linux/arm64/v8"], "linux/arm64/v8"],
  ["linux/arm64/v8", ["linux/arm64"], "linux/arm64"],
  ["linux/arm64/v8", ["linux/arm64", "linux/arm64/v8"], "linux/arm64/v8"],
  ["linux/arm64", ["linux/arm64/v8", "linux/arm64"], "linux/arm64"],
  ["linux/amd64", ["linux/amd64/v1"], "linux/amd64/v1"],
  ["linux/arm", ["linux/arm/v6", "linux/arm/v7"], "linux/arm/v7"],
  ["linux/arm/v7", ["linux/arm"], "linux/arm"],
  ["linux/arm/v6", ["linux/arm"], undefined],
  // Downwards, nearest first, never upwards.
  [
    "linux/arm/v8",
    ["linux/arm/v5", "linux/arm/v7", "linux/arm/v6"],
    "linux/arm/v7",
  ],
  ["linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], "linux/arm/v6"],
  ["linux/arm/v6", ["linux/arm/v7", "linux/arm/v5"], "linux/arm/v5"],
  ["linux/arm/v5", ["linux/arm/v6", "linux/arm/v7"], undefined],
  [
    "linux/amd64/v4",
    ["linux/amd64", "linux/amd64/v2", "linux/amd64/v3"],
    "linux/amd64/v3",
  ],
  ["linux/amd64/v3", ["linux/amd64/v4", "linux/amd64"], "linux/amd64"],
  ["linux/amd64", ["linux/amd64/v2", "linux/amd64/v3"], undefined],
  ["linux/arm64", ["linux/arm64/v9"], undefined],
  [
    "linux/arm64/v8.2",
    ["linux/arm64/v8", "linux/arm64/v8.1"],
    "linux/arm64/v8.1",
  ],
  // Armv9.0 has what Armv8.5 has, not what 8.6 has.
  [
    "linux/arm64/v9",
    ["linux/arm64/v8.6", "linux/arm64/v8.5"],
    "linux/arm64/v8.5",
  ],
  ["linux/arm64/v9", ["linux/arm64/v8.6"], undefined],
  ["linux/arm64/v9.4", ["linux/arm64", "linux/arm64/v9.1"], "linux/arm64/v9.1"],
  // Variants whose order nobody knows.
  ["linux/riscv64/rva22", ["linux/riscv64/rva20"], undefined],
  [
    "linux/riscv64/rva22",
    ["linux/riscv64", "linux/riscv64/rva22"],
    "linux/riscv64/rva22",
  ],
  ["linux/riscv64/rva22", ["linux/riscv64"], "linux/riscv64"],
  ["linux/riscv64", ["linux/riscv64/rva20"], undefined],
  ["linux/amd64/fast", ["linux/amd64"], undefined],
  ["linux/amd64/fast", ["linux/amd64/fast"], "linux/amd64/fast"],
  // Spelling.
  ["linux/x86_64", ["linux/amd64"], "linux/amd64"],
  ["linux/armhf", ["linux/arm/v7"], "linux/arm/v7"],
  // Windows: the same build, its newest revision; any where none was asked for.
  [
    "windows/amd64:10.0.17763.1",
    [
      "windows/amd64:10.0.20348.5",
      "windows/amd64:10.0.17763.9",
      "windows/amd64:10.0.17763.1",
    ],
    "windows/amd64:10.0.17763.1",
  ],
  [
    "windows/amd64:10.0.17763",
    ["windows/amd64:10.0.17763.9", "windows/amd64:10.0.17763.10"],
    "windows/amd64:10.0.17763.10",
  ],
  [
    "windows/amd64:10.0.17763.1",
    ["windows/amd64:10.0.17763.9"],
    "windows/amd64:10.0.17763.9",
  ],
  ["windows/amd64:10.0.17763", ["windows/amd64:10.0.177630.1"], undefined],
  ["windows/amd64:10.0.17763", ["windows/amd64"], "windows/amd64"],
  [
    "windows/amd64:10.0.17763",
    ["windows/amd64", "windows/amd64:10.0.17763.1"],
    "windows/amd64:10.0.17763.1",
  ],
  [
    "windows/amd64",
    ["windows/amd64:10.0.20348.5", "windows/amd64:10.0.17763.9"],
    "windows/amd64:10.0.20348.5",
  ],
  // Features that nobody asked for come last, but come.
  [
    "windows/amd64",
    ["windows(+win32k)/amd64", "windows/amd64"],
    "windows/amd64",
  ],
  ["windows/amd64", ["windows(+win32k)/amd64"], "windows(+win32k)/amd64"],
];

for (const [wanted, entries, chosen] of CASES) {
  Deno.test(`selectManifest() for ${wanted} of ${entries.join(", ") || "nothing"} takes ${chosen}`, () => {
    assert.equal(selected(indexOfPlatforms(entries), wanted), chosen);
  });
}

const ATTESTATION = entry("attestation", {
  os: "unknown",
  architecture: "unknown",
}, {
  annotations: { "vnd.docker.reference.type": "attestation-manifest" },
});

Deno.test("selectManifest() never takes an attestation, whatever it is called", () => {
  const disguised = entry("", parsePlatform("linux/amd64"), {
    annotations: { "vnd.docker.reference.type": "attestation-manifest" },
  });
  const index = indexOf([ATTESTATION, disguised]);
  assert.equal(selected(index, "linux/amd64"), undefined);
  assert.equal(selected(index, "unknown/unknown"), undefined);
  assert.deepEqual(listPlatforms(index), []);
  assert.equal(isAttestation(disguised), true);
  assert.equal(isAttestation(entry("a", parsePlatform("linux/amd64"))), false);
});

Deno.test("selectManifest() takes an entry without platform only when it is alone", () => {
  assert.equal(
    selected(indexOf([entry("a"), ATTESTATION]), "linux/amd64"),
    "a",
  );
  assert.equal(
    selected(indexOf([entry("a"), entry("b")]), "linux/amd64"),
    undefined,
  );
  const arm = entry("arm", parsePlatform("linux/arm64"));
  assert.equal(selected(indexOf([entry("a"), arm]), "linux/amd64"), undefined);
  assert.equal(selected(indexOf([arm]), "linux/amd64"), undefined);
});

Deno.test("selectManifest() takes a nested index, and no entry that is no document", () => {
  const platform = parsePlatform("linux/amd64");
  const layer = entry("layer", platform, { mediaType: OCI_LAYER });
  const nested = entry("nested", platform, { mediaType: OCI_INDEX });
  const docker = entry("docker", platform, { mediaType: DOCKER_MANIFEST });
  assert.equal(selected(indexOf([layer]), "linux/amd64"), undefined);
  assert.equal(selected(indexOf([layer, nested]), "linux/amd64"), "nested");
  assert.equal(selected(indexOf([docker, nested]), "linux/amd64"), "docker");
});

Deno.test("selectManifest() finds spellings that a document chose", () => {
  const odd = entry("odd", {
    os: "Linux",
    architecture: "aarch64",
    variant: "8",
  });
  assert.equal(selected(indexOf([odd]), "linux/arm64"), "odd");
});

Deno.test("listPlatforms() names each platform once, in order", () => {
  const index = indexOf([
    ...indexOfPlatforms(["linux/arm64", "linux/amd64", "linux/aarch64"])
      .manifests,
    ATTESTATION,
    entry("none"),
    ...indexOfPlatforms(["windows/amd64:10.0.1", "windows/amd64:10.0.2"])
      .manifests,
  ]);
  assert.deepEqual(listPlatforms(index).map(formatFullPlatform), [
    "linux/arm64",
    "linux/amd64",
    "windows/amd64:10.0.1",
    "windows/amd64:10.0.2",
  ]);
});

Deno.test("selectManifest() takes what was asked for when it is there, at any place", () => {
  const platforms = fc.record({
    os: fc.constantFrom("linux", "windows"),
    architecture: fc.constantFrom("amd64", "arm", "arm64", "riscv64"),
    variant: fc.constantFrom("v1", "v5", "v6", "v7", "v8", "v9", "x"),
  }, { noNullPrototype: true });
  const lists = fc.array(platforms, { maxLength: 12 });
  fc.assert(fc.property(lists, platforms, fc.nat(12), (list, wanted, at) => {
    const all = [...list.slice(0, at), wanted, ...list.slice(at)];
    const index = indexOf(all.map((platform) => entry("", platform)));
    assert.deepEqual(selectManifest(index, wanted)?.platform, wanted);
    const others = indexOf(list.map((platform) => entry("", platform)));
    const other = selectManifest(others, wanted)?.platform;
    if (other === undefined) return;
    assert.equal(other.os, wanted.os);
    assert.equal(other.architecture, wanted.architecture);
  }));
});
