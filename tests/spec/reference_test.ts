import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/errors.ts";
import {
  formatReference,
  formatRepository,
  parseReference,
} from "../../src/spec/reference.ts";
import { DIGEST, HEX_128, HEX_64, references, textOf } from "./arbitraries.ts";

const VALID: readonly (readonly [input: string, canonical: string])[] = [
  // Familiar names.
  ["alpine", "docker.io/library/alpine:latest"],
  ["alpine:3.20", "docker.io/library/alpine:3.20"],
  ["grafana/grafana", "docker.io/grafana/grafana:latest"],
  ["library/alpine", "docker.io/library/alpine:latest"],
  ["a/b/c", "docker.io/a/b/c:latest"],
  ["docker.io/alpine", "docker.io/library/alpine:latest"],
  ["docker.io/grafana/grafana", "docker.io/grafana/grafana:latest"],
  ["index.docker.io/alpine", "docker.io/library/alpine:latest"],
  ["index.docker.io/a/b:1", "docker.io/a/b:1"],
  ["Index.Docker.IO/alpine", "docker.io/library/alpine:latest"],
  // `library/` is Docker Hub's alone.
  ["ghcr.io/alpine", "ghcr.io/alpine:latest"],
  ["localhost/alpine", "localhost/alpine:latest"],
  // What is a host, and what isn't.
  ["localhost:5000/a", "localhost:5000/a:latest"],
  ["localhost:5000", "docker.io/library/localhost:5000"],
  ["LOCALHOST/a", "localhost/a:latest"],
  ["example.com", "docker.io/library/example.com:latest"],
  ["example.com:8080", "docker.io/library/example.com:8080"],
  ["example/a", "docker.io/example/a:latest"],
  ["example:80/a", "example:80/a:latest"],
  ["GHCR.io/a/b", "ghcr.io/a/b:latest"],
  ["FOO/bar", "FOO/bar:latest"],
  ["Foo:80/bar", "foo:80/bar:latest"],
  ["reg.example:0443/a", "reg.example:443/a:latest"],
  ["192.168.0.1/a", "192.168.0.1/a:latest"],
  ["192.168.0.1:5000/a:1", "192.168.0.1:5000/a:1"],
  ["192.168.0.1", "docker.io/library/192.168.0.1:latest"],
  ["xn--n3h.com/a:xn--n3h.com", "xn--n3h.com/a:xn--n3h.com"],
  ["[::1]/a", "[::1]/a:latest"],
  ["[::1]:5000/a/b:tag", "[::1]:5000/a/b:tag"],
  ["[2001:DB8::1]:5000/a", "[2001:db8::1]:5000/a:latest"],
  ["[0:0:0:0:0:0:0:1]/a", "[::1]/a:latest"],
  // Separators.
  ["x/a.b_c__d-e---f/g", "docker.io/x/a.b_c__d-e---f/g:latest"],
  ["foo_bar.com:8080", "docker.io/library/foo_bar.com:8080"],
  // Tags.
  ["a:_", "docker.io/library/a:_"],
  ["a:A.b-C_9", "docker.io/library/a:A.b-C_9"],
  [`a:${"t".repeat(128)}`, `docker.io/library/a:${"t".repeat(128)}`],
  // Digests.
  [`a@${DIGEST}`, `docker.io/library/a@${DIGEST}`],
  [`a@sha512:${HEX_128}`, `docker.io/library/a@sha512:${HEX_128}`],
  [`a:1@${DIGEST}`, `docker.io/library/a:1@${DIGEST}`],
  [`[::1]:5000/a:1@${DIGEST}`, `[::1]:5000/a:1@${DIGEST}`],
  // Names that are hex, but no bare hash.
  [`docker.io/${HEX_64}`, `docker.io/library/${HEX_64}:latest`],
  [`a/${HEX_64}`, `docker.io/a/${HEX_64}:latest`],
  [HEX_64.slice(1), `docker.io/library/${HEX_64.slice(1)}:latest`],
  // The limit is the repository's, without the registry.
  [`ghcr.io/${"a".repeat(255)}`, `ghcr.io/${"a".repeat(255)}:latest`],
];

for (const [input, canonical] of VALID) {
  Deno.test(`parseReference() reads ${input}`, () => {
    assert.equal(formatReference(parseReference(input)), canonical);
  });
}

const INVALID: readonly (readonly [input: string, problem: string])[] = [
  ["", "it is empty"],
  [" alpine", 'repository " alpine" has " " at position 1'],
  ["alpine\n", 'repository "alpine\\x0a" has "\\x0a" at position 7'],
  ["foo/Bar", 'repository "foo/Bar" has an upper-case letter at position 5'],
  ["Alpine", 'repository "Alpine" has an upper-case letter at position 1'],
  ["ghcr.io/É", 'repository "É" has an upper-case letter at position 1'],
  ["a/é", 'repository "a/é" has "é" at position 3'],
  ["a🐳", 'repository "a🐳" has "🐳" at position 2'],
  ["a//b", 'repository "a//b" has an empty component at position 3'],
  ["/a", 'repository "/a" has an empty component at position 1'],
  ["a/", 'repository "a/" has an empty component at position 3'],
  ["ghcr.io/", 'there is no repository after "ghcr.io"'],
  ["ghcr.io/:1", 'there is no repository after "ghcr.io"'],
  [":tag", 'repository "" is empty'],
  [`@${DIGEST}`, 'repository "" is empty'],
  [
    "-a/b",
    'repository "-a/b" has a component that starts with "-" at position 1',
  ],
  [
    "b/_a",
    'repository "b/_a" has a component that starts with "_" at position 3',
  ],
  [
    "a-/b",
    'repository "a-/b" has a component that ends with "-" at position 2',
  ],
  [
    "a/..",
    'repository "a/.." has a component that starts with "." at position 3',
  ],
  [
    "a/b..c",
    'repository "a/b..c" has ".." at position 4, where one ".", one or two "_", or any number of "-" may stand',
  ],
  ["a___b", 'repository "a___b" has "___" at position 2'],
  ["a_.b", 'repository "a_.b" has "_." at position 2'],
  ["a-.b", 'repository "a-.b" has "-." at position 2'],
  ["a%2e", 'repository "a%2e" has "%" at position 2'],
  ["a\\b", 'repository "a\\b" has "\\" at position 2'],
  ["a?b", 'repository "a?b" has "?" at position 2'],
  ["a:b:c", 'repository "a:b" has ":" at position 2'],
  [
    `ghcr.io/${"a".repeat(256)}`,
    `repository "${"a".repeat(256)}" has 256 characters, more than 255`,
  ],
  [
    "a".repeat(255),
    "the repository has 263 characters, more than 255",
  ],
  // Registries.
  ["-a.io/b", 'registry "-a.io" has the label "-a"'],
  ["a..io/b", 'registry "a..io" has an empty label'],
  ["a.io./b", 'registry "a.io." has an empty label'],
  ["é.com/b", 'registry "é.com" has the label "é"'],
  ["a_b.com/c", 'registry "a_b.com" has the label "a_b"'],
  ["a.io:/b", 'registry "a.io:" has port "", no number'],
  ["a.io:x/b", 'registry "a.io:x" has port "x", no number'],
  ["a.io:0/b", 'registry "a.io:0" has port 0, not within 1 to 65535'],
  ["a.io:65536/b", 'registry "a.io:65536" has port 65536'],
  [":5000/b", 'registry ":5000" has no host'],
  ["127.1/b", 'registry "127.1" would be read as "127.0.0.1"'],
  ["0x7f.0.0.1/b", 'registry "0x7f.0.0.1" would be read as "127.0.0.1"'],
  ["999.0.0.1/b", 'registry "999.0.0.1" is no host name'],
  ["[::g]/b", 'registry "[::g]" is no IPv6 address'],
  ["[:::]/b", 'registry "[:::]" is no IPv6 address'],
  ["[]/b", 'registry "[]" is no IPv6 address'],
  ["[fe80::1%eth0]/b", 'registry "[fe80::1%eth0]" is no IPv6 address'],
  ["[::192.0.2.1]/b", 'registry "[::192.0.2.1]" is no IPv6 address'],
  ["[::1/b", 'registry "[::1" is no IPv6 address'],
  ["[::1]x/b", 'registry "[::1]x"'],
  ["[::1]", "it names a registry and no repository"],
  ["[::1]:5000", "it names a registry and no repository"],
  ["fc00::1:5000/a", 'registry "fc00::1:5000" has port ":1:5000", no number'],
  [`${"a".repeat(252)}.io/b`, "has a host of 255 characters, more than 253"],
  // Tags.
  ["a:", 'tag "" is empty'],
  ["a:.b", 'tag ".b" has "." at position 1'],
  ["a:-b", 'tag "-b" has "-" at position 1'],
  ["a:bé", 'tag "bé" has "é" at position 2'],
  ["a:٣", 'tag "٣" has "٣" at position 1'],
  ["a:b+c", 'tag "b+c" has "+" at position 2'],
  ["a:\u202eb", 'tag "\\u{202e}b" has "\\u{202e}" at position 1'],
  [`a:${"t".repeat(129)}`, "has 129 characters, more than 128"],
  // Digests.
  ["a@", 'digest "": there is no ":" between algorithm and hash'],
  ["a@sha256:00", "the hash has 2 characters where sha256 has 64"],
  [`a@sha512:${HEX_64}`, "the hash has 64 characters where sha512 has 128"],
  [
    `a@sha256:${HEX_64.toUpperCase()}`,
    "the hash has an upper-case letter at position 11",
  ],
  [`a@SHA256:${HEX_64}`, 'algorithm "SHA256" is not lower case'],
  [`a@md5:${HEX_64}`, 'algorithm "md5" is not one of sha256, sha512'],
  [`a@${DIGEST}:tag`, "the hash has 68 characters"],
  [`a@${DIGEST}@${DIGEST}`, "the hash has 136 characters"],
  // Whole shapes.
  [HEX_64, "it is a digest with no repository"],
  [DIGEST, "it is a digest with no repository"],
  ["https://ghcr.io/a", 'it starts with "https://"'],
  ["docker://alpine", 'it starts with "docker://"'],
  [`a/${"b/".repeat(2000)}c`, "it has 4003 characters, more than 2048"],
];

for (const [input, problem] of INVALID) {
  const name = input.length > 80 ? `${input.slice(0, 80)}…` : input;
  Deno.test(`parseReference() points at the wrong part of ${JSON.stringify(name)}`, () => {
    assert.throws(() => parseReference(input), (error) => {
      assert(error instanceof UsageError);
      assert.equal(error.code, "reference-invalid");
      assert.match(error.message, /^Cannot parse reference "/);
      assert(error.message.includes(problem), error.message);
      return true;
    });
  });
}

Deno.test("parseReference() keeps tag and digest apart", () => {
  assert.deepEqual(parseReference(`ghcr.io/a/b:1@${DIGEST}`), {
    registry: "ghcr.io",
    repository: "a/b",
    tag: "1",
    digest: DIGEST,
  });
});

Deno.test("parseReference() adds no tag when there is a digest", () => {
  assert.deepEqual(parseReference(`a@${DIGEST}`), {
    registry: "docker.io",
    repository: "library/a",
    digest: DIGEST,
  });
});

Deno.test("parseReference() keeps a password out of the message", () => {
  for (const secret of ["s3cret", "s3cret/with@more"]) {
    const input = `https://user:${secret}@ghcr.io/a@${DIGEST}`;
    assert.throws(() => parseReference(input), (error) => {
      assert(error instanceof UsageError);
      assert.doesNotMatch(error.message, /s3cret/);
      assert.match(error.message, /\*\*\*@ghcr\.io\/a/);
      return true;
    });
  }
});

const DEFAULTS: readonly (readonly [
  defaultRegistry: string,
  input: string,
  canonical: string,
])[] = [
  ["reg.example", "alpine", "reg.example/alpine:latest"],
  ["reg.example", "a/b", "reg.example/a/b:latest"],
  ["reg.example", "docker.io/alpine", "docker.io/library/alpine:latest"],
  ["reg.example", "ghcr.io/a", "ghcr.io/a:latest"],
  ["REG.example:5000", "alpine:1", "reg.example:5000/alpine:1"],
  ["localhost", "alpine", "localhost/alpine:latest"],
  ["[::1]:5000", "alpine", "[::1]:5000/alpine:latest"],
  ["index.docker.io", "alpine", "docker.io/library/alpine:latest"],
];

for (const [defaultRegistry, input, canonical] of DEFAULTS) {
  Deno.test(`parseReference() puts ${input} on ${defaultRegistry} by default`, () => {
    const reference = parseReference(input, { defaultRegistry });
    assert.equal(formatReference(reference), canonical);
  });
}

for (
  const defaultRegistry of ["", "registry", "https://x.io", "a.io/b", "a b.io"]
) {
  Deno.test(`parseReference() refuses ${JSON.stringify(defaultRegistry)} as default registry`, () => {
    assert.throws(
      () => parseReference("alpine", { defaultRegistry }),
      (error) =>
        error instanceof UsageError && error.code === "usage" &&
        error.message.startsWith("Cannot use default registry "),
    );
  });
}

Deno.test("formatRepository() is a part of the canonical text", () => {
  const reference = parseReference(`ghcr.io/a:1@${DIGEST}`);
  assert.equal(formatRepository(reference), "ghcr.io/a");
});

Deno.test("parseReference() undoes formatReference()", () => {
  fc.assert(fc.property(references, (reference) => {
    assert.deepEqual(parseReference(formatReference(reference)), reference);
  }));
});

// What a reference is made of, and a few things that it isn't.
const SHAPES = textOf("aaab01Z./:@_-[]%é\n", 24);

Deno.test("parseReference() throws nothing but its error, and reads its own output back", () => {
  const text = fc.oneof(SHAPES, fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(text, (text) => {
      const reference = parseOrUndefined(text);
      if (reference === undefined) return;
      const canonical = formatReference(reference);
      assert.deepEqual(parseReference(canonical), reference);
      assert.equal(formatReference(parseReference(canonical)), canonical);
    }),
    { numRuns: 2000 },
  );
});

// The grammar in the documentation of github.com/distribution/reference, as one
// expression: what it accepts, dray must, and nothing else.
const LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const GRAMMAR = new RegExp(
  `^(?:(${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(:[0-9]+)?/)?` +
    `(${PART}(?:/${PART})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?$`,
);

function isInGrammar(text: string): boolean {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = /[.:[]/.test(first) || first === "localhost" ||
    first.toLowerCase() !== first;
  const match = GRAMMAR.exec(isHost ? text : `docker.io/${text}`);
  // What looks like a host must be one: "a.b_c/d" is no path of Docker Hub.
  return match?.[1] !== undefined;
}

Deno.test("parseReference() accepts what distribution/reference does", () => {
  const alphabet = textOf("aab1Z./:_-", 14);
  fc.assert(
    fc.property(alphabet, (text) => {
      const parsed = parseOrUndefined(text, (message) => {
        // Stricter on purpose: a host or port that no URL can hold.
        fc.pre(!/would be read|no host name|not within/.test(message));
      });
      assert.equal(parsed !== undefined, isInGrammar(text), text);
    }),
    { numRuns: 3000 },
  );
});

function parseOrUndefined(
  text: string,
  onError?: (message: string) => void,
): ReturnType<typeof parseReference> | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    assert(error instanceof UsageError, String(error));
    assert.equal(error.code, "reference-invalid");
    assert.doesNotMatch(error.message, /\p{Cc}/u);
    onError?.(error.message);
    return undefined;
  }
}

Deno.test("parseReference() looks at no more than a reference can have", () => {
  for (const unit of ["a", "a/", "-", "a.", ":", "@", "[", "//@"]) {
    assert.throws(
      () => parseReference(unit.repeat(5_000_000)),
      /characters, more than 2048$/,
    );
  }
});
