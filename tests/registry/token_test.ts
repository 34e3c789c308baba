import assert from "node:assert/strict";
import { findToken } from "../../src/registry/token.ts";

const NOW = 1_000_000;
const find = (answer: unknown) =>
  findToken(new TextEncoder().encode(JSON.stringify(answer)), NOW);
const lifetimeS = (answer: unknown) =>
  ((find(answer)?.expiresAtMs ?? 0) - NOW) / 1000;

Deno.test("findToken() takes the token from whichever field has it", () => {
  assert.equal(find({ token: "a" })?.value, "a");
  assert.equal(find({ access_token: "b" })?.value, "b");
  assert.equal(find({ token: "a", access_token: "b" })?.value, "a");
  assert.equal(find({ token: "", access_token: "b" })?.value, "b");
});

Deno.test("findToken() counts on 60 seconds where no lifetime is told, and stops 10 seconds early", () => {
  for (
    const [expires_in, seconds] of [
      [undefined, 50],
      [300, 290],
      ["300", 290],
      [5, 50],
      [-1, 50],
      [0, 50],
      ["soon", 50],
      [null, 50],
      [1e12, 86_390],
    ]
  ) {
    assert.equal(
      lifetimeS({ token: "a", expires_in }),
      seconds,
      `${expires_in}`,
    );
  }
});

Deno.test("findToken() finds nothing in what is no token", () => {
  for (
    const answer of [
      null,
      [],
      "token",
      {},
      { token: 1 },
      { token: "a b" },
      { token: "a\r\nX-Evil: 1" },
      { token: "é" },
    ]
  ) {
    assert.equal(find(answer), undefined, JSON.stringify(answer));
  }
  assert.equal(findToken(new TextEncoder().encode("<html>"), NOW), undefined);
});
