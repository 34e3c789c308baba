import assert from "node:assert/strict";
import { parseDigest } from "../../src/spec/digest.ts";
import { formatPlatform, parsePlatform } from "../../src/spec/platform.ts";
import { mustSelectPlatform } from "../../src/store/select_platform.ts";
import type { StoredImage } from "../../src/store/stored_image.ts";

function imageFor(...platforms: readonly string[]): StoredImage {
  const digest = parseDigest(`sha256:${"0".repeat(64)}`);
  return {
    reference: "docker.io/library/test:1",
    digest,
    mediaType: "",
    size: 0,
    sizeBytes: 0,
    layers: 0,
    pulledAt: "",
    lastUsedAt: "",
    platforms: platforms.map((text, position) => ({
      platform: parsePlatform(text),
      manifestDigest: parseDigest(`sha256:${`${position}`.repeat(64)}`),
      configDigest: digest,
    })),
  };
}

Deno.test("mustSelectPlatform() takes what fits best of what is stored", () => {
  const image = imageFor("linux/s390x", "linux/arm/v6", "linux/arm/v7");
  const cases = [
    ["linux/s390x", "linux/s390x"],
    ["linux/arm/v7", "linux/arm/v7"],
    ["linux/arm/v8", "linux/arm/v7"],
    ["linux/arm/v6", "linux/arm/v6"],
  ] as const;
  for (const [wanted, chosen] of cases) {
    const { platform } = mustSelectPlatform(
      image,
      "unpack",
      parsePlatform(wanted),
    );
    assert.equal(formatPlatform(platform), chosen);
  }
});

Deno.test("mustSelectPlatform() takes the first where none is named and none is this machine's", () => {
  const image = imageFor("windows/s390x", "plan9/mips");
  const { platform } = mustSelectPlatform(image, "unpack");
  assert.equal(platform.os, "windows");
});

Deno.test("mustSelectPlatform() never takes another than the one that was named", () => {
  const image = imageFor("linux/amd64");
  const wanted = parsePlatform("linux/arm64");
  assert.throws(
    () => mustSelectPlatform(image, "unpack", wanted),
    /Cannot unpack .* for platform "linux\/arm64": the store has linux\/amd64/,
  );
});
