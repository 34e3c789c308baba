import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { findNextLink, parseLinks } from "../../src/http/link_header.ts";

Deno.test("findNextLink() finds the next page as registries write it", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['</v2/x/tags/list?last=b&n=2>; rel="next"', "/v2/x/tags/list?last=b&n=2"],
    ["</v2/x/tags/list?n=2>; rel=next", "/v2/x/tags/list?n=2"],
    ['</a>;rel="prev", </b>; REL = "NEXT"', "/b"],
    ['</a>; rel="prev next"', "/a"],
    ['</a,b;c>; title="x, </c>; rel=next"; rel=next', "/a,b;c"],
    ['</a>; title="say \\"hi\\""; rel="next"', "/a"],
    ["</a>; rel=prev; rel=next, </b>; rel=next", "/b"],
    ['<https://evil.example/v2/>; rel="next"', "https://evil.example/v2/"],
    ['<>; rel="next"', ""],
    ['</a>; rel="nextish"', undefined],
    ['</a>; rel="next', undefined],
    ["/a; rel=next", undefined],
    ["</a; rel=next", undefined],
    ["", undefined],
  ];
  for (const [value, expected] of cases) {
    equal(findNextLink(value), expected, value);
  }
  equal(findNextLink(null), undefined);
});

Deno.test("parseLinks() reads back any links", () => {
  const target = fc.stringMatching(/^[^<>\s]{0,20}$/);
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const links = fc.array(
    fc.record({
      target,
      params: fc.dictionary(name, fc.string(), { maxKeys: 4 }),
    }),
    { maxLength: 5 },
  );
  fc.assert(fc.property(links, (expected) => {
    const text = expected.map(formatLink).join(", ");
    const plain = parseLinks(text).map(({ target, params }) => ({
      target,
      params: { ...params },
    }));
    deepEqual(
      plain,
      expected.map(({ target, params }) => ({ target, params: { ...params } })),
    );
  }));
});

Deno.test("parseLinks() never throws", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'<>;,=" \\ar') }),
      (text) => {
        parseLinks(text);
      },
    ),
  );
});

Deno.test("parseLinks() takes time linear in a hostile header", () => {
  for (
    const unit of ["<", "<a>;", '<a>; b="', "<a>; b=\\", ", ", "<a> ", "; "]
  ) {
    const start = performance.now();
    parseLinks(unit.repeat(16_000 / unit.length));
    equal(performance.now() - start < 100, true, unit);
    deepEqual(parseLinks(unit.repeat(100_000)), []);
  }
});

function formatLink(
  { target, params }: {
    readonly target: string;
    readonly params: Readonly<Record<string, string>>;
  },
): string {
  const quoted = Object.entries(params).map(([name, value]) =>
    `; ${name}="${value.replace(/["\\]/g, "\\$&")}"`
  );
  return `<${target}>${quoted.join("")}`;
}
