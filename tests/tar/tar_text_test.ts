import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeTarText, encodeTarText } from "../../src/tar/tar_text.ts";

const bytesOf = (...bytes: readonly number[]): Uint8Array =>
  Uint8Array.from(bytes);

Deno.test("decodeTarText() keeps each byte that is no UTF-8, and encodeTarText() gives it back", () => {
  // Mostly what begins and continues characters: the cases where readers differ.
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x80, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xf0, 0xf4),
  );
  fc.assert(
    fc.property(
      fc.array(byte, { maxLength: 12 }).map((all) => Uint8Array.from(all)),
      (bytes) => {
        const text = decodeTarText(bytes);
        assert.deepEqual(encodeTarText(text), bytes);
        const lossy = new TextDecoder("utf-8", { ignoreBOM: true })
          .decode(bytes);
        if (text.isWellFormed()) assert.equal(text, lossy);
        else assert.ok(lossy.includes("\ufffd"));
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("decodeTarText() reads what is UTF-8 around a byte that isn't", () => {
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [bytesOf(0x63, 0x61, 0x66, 0xe9), "caf\udce9"],
    [
      bytesOf(0xc3, 0xa9, 0xff, 0xf0, 0x9f, 0x90, 0x8b),
      "\u00e9\udcff\u{1f40b}",
    ],
    // Longer than need be, a surrogate, past the last character, cut.
    [bytesOf(0xc0, 0xaf), "\udcc0\udcaf"],
    [bytesOf(0xed, 0xa0, 0x80), "\udced\udca0\udc80"],
    [bytesOf(0xf4, 0x90, 0x80, 0x80), "\udcf4\udc90\udc80\udc80"],
    [bytesOf(0xe2, 0x82), "\udce2\udc82"],
  ];
  for (const [bytes, text] of cases) assert.equal(decodeTarText(bytes), text);
});

Deno.test("encodeTarText() of other halves of pairs is the replacement character", () => {
  assert.deepEqual(
    encodeTarText("\ud800"),
    new TextEncoder().encode("\ufffd"),
  );
});
