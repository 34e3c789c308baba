import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/errors.ts";
import {
  formatFullPlatform,
  formatPlatform,
  hostPlatform,
  normalizePlatform,
  parsePlatform,
  type Platform,
} from "../../src/spec/platform.ts";
import { textOf } from "./arbitraries.ts";

const VALID: readonly (readonly [text: string, platform: Platform])[] = [
  ["linux/amd64", { os: "linux", architecture: "amd64" }],
  ["linux/arm64/v8", { os: "linux", architecture: "arm64", variant: "v8" }],
  ["Linux/ARM64/V8", { os: "linux", architecture: "arm64", variant: "v8" }],
  ["linux/arm64/8", { os: "linux", architecture: "arm64", variant: "v8" }],
  ["linux/x86_64", { os: "linux", architecture: "amd64" }],
  ["linux/x86-64/v3", { os: "linux", architecture: "amd64", variant: "v3" }],
  ["linux/aarch64", { os: "linux", architecture: "arm64" }],
  ["linux/armhf", { os: "linux", architecture: "arm", variant: "v7" }],
  ["linux/armel", { os: "linux", architecture: "arm", variant: "v6" }],
  ["linux/armhf/v6", { os: "linux", architecture: "arm", variant: "v6" }],
  ["linux/arm/7", { os: "linux", architecture: "arm", variant: "v7" }],
  ["linux/i386", { os: "linux", architecture: "386" }],
  ["macos/arm64", { os: "darwin", architecture: "arm64" }],
  ["linux/riscv64", { os: "linux", architecture: "riscv64" }],
  ["linux/constructor", { os: "linux", architecture: "constructor" }],
  [
    "windows/amd64:10.0.17763.1",
    { os: "windows", architecture: "amd64", osVersion: "10.0.17763.1" },
  ],
  [
    "windows(10.0.17763)/amd64",
    { os: "windows", architecture: "amd64", osVersion: "10.0.17763" },
  ],
  [
    "windows(10.0.17763+win32k)/amd64",
    {
      os: "windows",
      architecture: "amd64",
      osVersion: "10.0.17763",
      osFeatures: ["win32k"],
    },
  ],
  [
    "windows(+win32k)/amd64",
    { os: "windows", architecture: "amd64", osFeatures: ["win32k"] },
  ],
];

for (const [text, platform] of VALID) {
  Deno.test(`parsePlatform() reads ${text}`, () => {
    assert.deepEqual(parsePlatform(text), platform);
  });
}

const INVALID: readonly (readonly [
  text: string,
  problem: string,
  hint?: string,
])[] = [
  ["", "it is not of the form os/arch[/variant]", "for example linux/arm64"],
  ["arm64", "it is not of the form", "for example linux/arm64"],
  ["windows", "it is not of the form", "for example windows/amd64"],
  ["a/b/c/d", "it is not of the form os/arch[/variant]"],
  ["/", "the os is empty"],
  ["/amd64", "the os is empty"],
  ["linux/", "the architecture is empty"],
  ["linux/arm/", "the variant is empty"],
  ["linux/amd64:", "the os version is empty"],
  ["windows()/amd64", "the os version is empty"],
  ["windows(1+)/amd64", "the os feature is empty"],
  ["linux/a b", 'architecture "a b" has " " at position 2'],
  ["linux/amd64\n", 'architecture "amd64\\x0a" has "\\x0a" at position 6'],
  ["línux/amd64", 'os "línux" has "í" at position 2'],
  ["linux/arm/v7,v8", 'variant "v7,v8" has "," at position 3'],
  ["windows(1.0/amd64", 'os "windows(1.0" has "(" at position 8'],
  ["x".repeat(300), "it is longer than 256 characters"],
];

for (const [text, problem, hint] of INVALID) {
  Deno.test(`parsePlatform() points at the wrong part of ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.throws(() => parsePlatform(text), (error) => {
      assert(error instanceof UsageError);
      assert.equal(error.code, "platform-invalid");
      assert.match(error.message, /^Cannot parse platform "/);
      assert(error.message.includes(problem), error.message);
      assert.equal(error.hint, hint);
      return true;
    });
  });
}

Deno.test("formatPlatform() leaves the version out, formatFullPlatform() doesn't", () => {
  const platform = parsePlatform("windows/amd64:10.0.1");
  assert.equal(formatPlatform(platform), "windows/amd64");
  assert.equal(formatFullPlatform(platform), "windows/amd64:10.0.1");
  assert.equal(
    formatFullPlatform(parsePlatform("linux/arm/v7")),
    "linux/arm/v7",
  );
});

Deno.test("formatPlatform() escapes what a document called a platform", () => {
  const platform = { os: "li\x1b[31mnux", architecture: "a\nb", variant: "" };
  assert.equal(formatPlatform(platform), "li\\x1b[31mnux/a\\x0ab");
});

Deno.test("hostPlatform() speaks GOARCH, and of Linux on macOS", () => {
  const cases = [
    [{ os: "linux", arch: "x86_64" }, "linux/amd64"],
    [{ os: "linux", arch: "aarch64" }, "linux/arm64"],
    [{ os: "darwin", arch: "aarch64" }, "linux/arm64"],
    [{ os: "windows", arch: "x86_64" }, "windows/amd64"],
    [{ os: "freebsd", arch: "x86_64" }, "freebsd/amd64"],
  ] as const;
  for (const [build, want] of cases) {
    assert.equal(formatPlatform(hostPlatform(build)), want);
  }
  assert.deepEqual(hostPlatform(), hostPlatform(Deno.build));
});

Deno.test("normalizePlatform() is done when it was done once", () => {
  const text = fc.string({ unit: "binary", maxLength: 8 });
  const platforms = fc.record({
    os: text,
    architecture: fc.oneof(text, fc.constantFrom("armhf", "X86_64", "arm64")),
    variant: text,
  });
  fc.assert(fc.property(platforms, (platform) => {
    const once = normalizePlatform(platform);
    assert.deepEqual(normalizePlatform(once), once);
  }));
});

Deno.test("parsePlatform() undoes formatFullPlatform(), and throws nothing but UsageError", () => {
  const near = textOf("linuxarmd648v/():+ .7\n", 24);
  const text = fc.oneof(near, fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(text, (text) => {
      let platform: Platform;
      try {
        platform = parsePlatform(text);
      } catch (error) {
        assert(error instanceof UsageError, String(error));
        assert.doesNotMatch(error.message, /\p{Cc}/u);
        return;
      }
      const { osFeatures: _, ...shown } = platform;
      assert.deepEqual(parsePlatform(formatFullPlatform(platform)), shown);
    }),
    { numRuns: 2000 },
  );
  const part = textOf("abcxyz019", 8, 1);
  const valid = fc.tuple(part, part, part).map((parts) => parts.join("/"));
  fc.assert(fc.property(valid, (text) => {
    const platform = parsePlatform(text);
    assert.deepEqual(parsePlatform(formatPlatform(platform)), platform);
  }));
});
