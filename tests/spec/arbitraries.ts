import fc from "fast-check";
import type { Digest } from "../../src/spec/digest.ts";
import type { ImageReference } from "../../src/spec/reference.ts";

/** 64 hex digits. */
export const HEX_64: string = "0123456789abcdef".repeat(4);
/** 128 hex digits. */
export const HEX_128: string = HEX_64 + HEX_64;
/** A digest for tables. */
export const DIGEST: Digest = `sha256:${HEX_64}`;

/** Text over an alphabet, of any length up to `maxLength`. */
export function textOf(
  alphabet: string,
  maxLength: number,
  minLength = 0,
): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...alphabet);
  return fc.string({ unit, minLength, maxLength });
}

const HEX = "0123456789abcdef";
const ALPHANUMERIC = "abcxyz019";

/** Valid digests of both algorithms. */
export const digests: fc.Arbitrary<Digest> = fc.oneof(
  textOf(HEX, 64, 64).map((hex): Digest => `sha256:${hex}`),
  textOf(HEX, 128, 128).map((hex): Digest => `sha512:${hex}`),
);

const component = fc.tuple(
  textOf(ALPHANUMERIC, 8, 1),
  fc.array(
    fc.tuple(
      fc.constantFrom(".", "_", "__", "-", "--", "---"),
      textOf(ALPHANUMERIC, 6, 1),
    ),
    { maxLength: 3 },
  ),
).map(([head, rest]) => head + rest.flat().join(""));

/** Valid repository paths. */
export const repositories: fc.Arbitrary<string> = fc
  .array(component, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("/"));

const host = fc.oneof(
  fc.constantFrom(
    "localhost",
    "docker.io",
    "ghcr.io",
    "127.0.0.1",
    "[::1]",
    "[2001:db8::1]",
    "xn--n3h.com",
    "a-b.example",
  ),
  fc.tuple(textOf("abcxyz", 8, 1), textOf("abcxyz", 4, 2))
    .map((labels) => labels.join(".")),
);

/** Valid registries in canonical form. */
export const registries: fc.Arbitrary<string> = fc.tuple(
  host,
  fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
).map(([host, port]) => port === undefined ? host : `${host}:${port}`);

const tags = fc.tuple(
  textOf("abzABZ019_", 1, 1),
  textOf("abzABZ019_.-", 127),
).map((parts) => parts.join(""));

/** References as `parseReference` would yield them. */
export const references: fc.Arbitrary<ImageReference> = fc.tuple(
  registries,
  repositories,
  fc.oneof(
    tags.map((tag) => ({ tag })),
    digests.map((digest) => ({ digest })),
    fc.tuple(tags, digests).map(([tag, digest]) => ({ tag, digest })),
  ),
).map(([registry, path, version]) => {
  const short = registry === "docker.io" && !path.includes("/");
  return { registry, repository: short ? `library/${path}` : path, ...version };
});
