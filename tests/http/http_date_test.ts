import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { findHttpDate } from "../../src/http/http_date.ts";

const TIME = Date.UTC(1994, 10, 6, 8, 49, 37);

Deno.test("findHttpDate() reads the three forms of RFC 9110", () => {
  const forms = [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
  ];
  deepEqual(forms.map(findHttpDate), [TIME, TIME, TIME]);
});

Deno.test("findHttpDate() finds nothing in what is no HTTP-date", () => {
  const texts = [
    null,
    "",
    "-1",
    "0",
    "1994",
    "1994-11-06T08:49:37Z",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 06 Nov 1994 25:49:37 GMT",
    "Sun, 32 Nov 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nix 1994 08:49:37 GMT",
    "Sun, 06 anF 1994 08:49:37 GMT",
    `Sun, 06 Nov 1994 08:49:37 GMT${" ".repeat(100_000)}`,
  ];
  for (const text of texts) equal(findHttpDate(text), undefined, String(text));
});

Deno.test("findHttpDate() reads back every date that toUTCString() writes", () => {
  const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
  fc.assert(fc.property(seconds, (second) => {
    equal(findHttpDate(new Date(second * 1000).toUTCString()), second * 1000);
  }));
});

Deno.test("findHttpDate() never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    findHttpDate(text);
  }));
});
