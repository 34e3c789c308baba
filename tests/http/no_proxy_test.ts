import { equal } from "node:assert/strict";
import fc from "fast-check";
import { isDirect } from "../../src/http/no_proxy.ts";

Deno.test("isDirect() follows the rules of NO_PROXY", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["https://registry.example.com/", "", false],
    ["https://registry.example.com/", "*", true],
    ["https://registry.example.com/", "example.com", true],
    ["https://registry.example.com/", ".example.com", true],
    ["https://registry.example.com/", "*.example.com", true],
    ["https://registry.example.com/", "EXAMPLE.COM.", true],
    ["https://registry.example.com./", "example.com", true],
    ["https://example.com/", ".example.com", true],
    ["https://notexample.com/", "example.com", false],
    ["https://example.com.evil/", "example.com", false],
    ["https://registry.example.com/", "a, b,registry.example.com ,c", true],
    ["https://registry.example.com/", "a b registry.example.com", true],
    ["https://registry.example.com/", ", ,.,*.", false],
    ["https://registry.example.com/", "example.com:443", true],
    ["https://registry.example.com/", "example.com:80", false],
    ["http://registry.example.com/", "example.com:80", true],
    ["https://registry.example.com:5000/", "example.com:5000", true],
    ["https://registry.example.com:5000/", "example.com:443", false],
    ["https://10.1.2.3/", "10.0.0.0/8", true],
    ["https://11.1.2.3/", "10.0.0.0/8", false],
    ["https://10.1.2.3/", "10.1.2.3", true],
    ["https://10.1.2.3:5000/", "10.1.2.3:5000", true],
    ["https://10.1.2.3:5000/", "10.1.2.3:5001", false],
    ["https://10.1.2.3/", "3", false],
    ["https://10.1.2.3/", "2.3", false],
    ["https://[fd00::1]/", "fd00::/8", true],
    ["https://[fd00::1]/", "fd00::1", true],
    ["https://[fd00::1]/", "[fd00::1]", true],
    ["https://[fd00::1]:5000/", "[fd00::1]:5000", true],
    ["https://[fd00::1]:5000/", "[fd00::1]:443", false],
    ["https://registry.example.com/", "10.0.0.0/8", false],
    ["https://localhost:5000/", "", true],
    ["http://127.0.0.1:5000/", "", true],
    ["http://[::1]:5000/", "", true],
  ];
  for (const [url, rules, expected] of cases) {
    equal(isDirect(new URL(url), rules), expected, `${url} ${rules}`);
  }
});

Deno.test("isDirect() never throws, whatever the rules are", () => {
  fc.assert(fc.property(fc.webUrl(), fc.string(), (url, rules) => {
    isDirect(new URL(url), rules);
  }));
});
