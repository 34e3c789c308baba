import assert from "node:assert/strict";
import fc from "fast-check";
import {
  escapeText,
  excerptText,
  quoteText,
} from "../../src/spec/escape_text.ts";

const CASES: readonly (readonly [name: string, text: string, want: string])[] =
  [
    ["plain text", "latest", "latest"],
    ["letters of any script", "café 日本 🐳", "café 日本 🐳"],
    ["a colour", "\x1b[31mred", "\\x1b[31mred"],
    ["line ends", "a\r\nb", "a\\x0d\\x0ab"],
    ["C1 controls", "\x9b31m", "\\x9b31m"],
    ["DEL and NUL", "\x7f\0", "\\x7f\\x00"],
    ["a bidi override", "a\u202eb", "a\\u{202e}b"],
    ["zero width", "a\u200bb\ufeff", "a\\u{200b}b\\u{feff}"],
    ["line separators", "a\u2028b\u2029", "a\\u{2028}b\\u{2029}"],
    ["half a surrogate pair", "a\ud800b", "a\\u{d800}b"],
    ["tag characters", "\u{e0041}", "\\u{e0041}"],
  ];

for (const [name, text, want] of CASES) {
  Deno.test(`escapeText() makes ${name} printable`, () => {
    assert.equal(escapeText(text), want);
  });
}

Deno.test("escapeText() leaves nothing that moves a cursor, and escapes once", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const safe = escapeText(text);
    assert.doesNotMatch(safe, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.equal(escapeText(safe), safe);
  }));
});

Deno.test("quoteText() escapes quotation marks when text has them", () => {
  assert.equal(quoteText('a" is fine. "b'), '"a\\" is fine. \\"b"');
});

Deno.test("quoteText() cuts text when it is long", () => {
  const quoted = quoteText("x".repeat(10_000_000));
  assert.equal(quoted, `"${"x".repeat(300)}…"`);
});

Deno.test("excerptText() stays printable when the cut halves a pair", () => {
  const text = excerptText("x".repeat(299) + "🐳🐳");
  assert.equal(text, "x".repeat(299) + "\\u{d83d}…");
});
