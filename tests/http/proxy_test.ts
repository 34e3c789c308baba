import { deepEqual, equal, throws } from "node:assert/strict";
import { chooseProxy } from "../../src/http/proxy.ts";
import { UsageError } from "../../src/errors.ts";

const SECURE = new URL("https://registry.example.com/v2/");
const PLAIN = new URL("http://registry.example.com/v2/");

Deno.test("chooseProxy() takes the proxy of the URL's scheme", () => {
  const settings = {
    httpProxy: "http://plain:1",
    httpsProxy: "http://secure:2",
  };
  equal(chooseProxy(PLAIN, settings)?.url, "http://plain:1");
  equal(chooseProxy(SECURE, settings)?.url, "http://secure:2");
  equal(chooseProxy(SECURE, { httpProxy: "http://plain:1" }), undefined);
  equal(chooseProxy(SECURE), undefined);
  equal(chooseProxy(SECURE, { httpsProxy: " " }), undefined);
});

Deno.test("chooseProxy() goes around the proxy where NO_PROXY says so", () => {
  equal(
    chooseProxy(SECURE, { httpsProxy: "http://p:1", noProxy: "example.com" }),
    undefined,
  );
  equal(
    chooseProxy(new URL("https://localhost:5000/"), {
      httpsProxy: "http://p:1",
    }),
    undefined,
  );
});

Deno.test("chooseProxy() reads a proxy's address", () => {
  const cases = [
    ["proxy.example:3128", { url: "http://proxy.example:3128" }],
    ["https://proxy.example", { url: "https://proxy.example" }],
    ["socks5://proxy.example:1080", { url: "socks5://proxy.example:1080" }],
    ["http://me:p%40ss@proxy.example:3128/", {
      url: "http://proxy.example:3128",
      username: "me",
      password: "p@ss",
    }],
    ["me:secret@proxy.example:3128", {
      url: "http://proxy.example:3128",
      username: "me",
      password: "secret",
    }],
    ["http://me:100%@proxy.example", {
      url: "http://proxy.example",
      username: "me",
      password: "100%",
    }],
  ] as const;
  for (const [text, expected] of cases) {
    deepEqual(chooseProxy(SECURE, { httpsProxy: text }), expected, text);
  }
});

Deno.test("chooseProxy() refuses what is no address, and keeps its password to itself", () => {
  for (
    const text of [
      "ftp://me:secret@p",
      "http://",
      "http://me:secret@:1",
      "http://me:secret@p:99999",
    ]
  ) {
    throws(() => chooseProxy(SECURE, { httpsProxy: text }), (error) => {
      equal(error instanceof UsageError && error.code === "usage", true, text);
      equal(String(error).includes("secret"), false);
      return true;
    });
  }
});
