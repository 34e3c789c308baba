import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  classifyHost,
  findAddress,
  type HostKind,
  isWithin,
} from "../../src/http/host_address.ts";

Deno.test("classifyHost() tells the internet from what is inside", () => {
  const cases: readonly (readonly [string, HostKind])[] = [
    ["registry.example.com", "name"],
    ["10.0.0.1.example.com", "name"],
    ["localhost", "loopback"],
    ["LOCALHOST.", "loopback"],
    ["a.localhost", "loopback"],
    ["localhost.example.com", "name"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.255", "loopback"],
    ["128.0.0.1", "public"],
    ["0.0.0.0", "loopback"],
    ["10.1.2.3", "private"],
    ["11.0.0.0", "public"],
    ["100.64.0.1", "private"],
    ["100.100.100.200", "private"],
    ["100.128.0.1", "public"],
    ["169.254.169.254", "link-local"],
    ["172.15.255.255", "public"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["172.32.0.0", "public"],
    ["192.168.255.1", "private"],
    ["198.18.0.1", "private"],
    ["224.0.0.1", "private"],
    ["255.255.255.255", "private"],
    ["8.8.8.8", "public"],
    ["[::1]", "loopback"],
    ["::1", "loopback"],
    ["[::]", "loopback"],
    ["[::2]", "loopback"],
    ["[fe80::1]", "link-local"],
    ["[febf::1]", "link-local"],
    ["[fec0::1]", "private"],
    ["[fc00::1]", "private"],
    ["[fdff::1]", "private"],
    ["[ff02::1]", "private"],
    ["[2001:4860:4860::8888]", "public"],
    ["[::ffff:127.0.0.1]", "loopback"],
    ["[::ffff:a9fe:a9fe]", "link-local"],
    ["[::ffff:8.8.8.8]", "public"],
    ["[64:ff9b::10.0.0.1]", "private"],
    ["[::10.0.0.1]", "private"],
  ];
  for (const [host, kind] of cases) equal(classifyHost(host), kind, host);
});

Deno.test("classifyHost() sees through every spelling that a URL allows", () => {
  for (
    const host of [
      "2130706433",
      "0x7f.1",
      "0177.0.0.1",
      "127.1",
      "[0:0:0:0:0:0:0:1]",
      "[::FFFF:7f00:1]",
    ]
  ) {
    equal(classifyHost(new URL(`http://${host}/`).hostname), "loopback", host);
  }
});

Deno.test("findAddress() finds nothing in what is no address", () => {
  for (
    const text of [
      "",
      "a",
      "1.2.3",
      "1.2.3.256",
      "1.2.3.4.5",
      "1.2.3.4/8",
      ":",
      ":::",
      "1::2::3",
      "[::1",
      "::1%eth0",
      "12345::",
      "g::1",
    ]
  ) {
    equal(findAddress(text), undefined, text);
  }
});

Deno.test("findAddress() reads back every address", () => {
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(fc.property(bytes(4), (address) => {
    deepEqual(findAddress(address.join(".")), Uint8Array.from(address));
  }));
  fc.assert(fc.property(bytes(16), (address) => {
    const groups = Array.from(
      { length: 8 },
      (_, at) =>
        ((address[2 * at] ?? 0) << 8 | (address[2 * at + 1] ?? 0)).toString(16),
    );
    deepEqual(findAddress(groups.join(":")), Uint8Array.from(address));
    deepEqual(
      findAddress(new URL(`http://[${groups.join(":")}]/`).hostname),
      Uint8Array.from(address),
    );
  }));
});

Deno.test("isWithin() compares as many bits as the prefix has", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["10.1.2.3", "0.0.0.0/0", true],
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.3", "10.1.2.3/32", true],
    ["10.1.2.2", "10.1.2.3/31", true],
    ["10.1.2.1", "10.1.2.3/31", false],
    ["10.1.2.3", "10.0.0.0/33", false],
    ["10.1.2.3", "10.0.0.0/", false],
    ["10.1.2.3", "10.0.0.0/-1", false],
    ["10.1.2.3", "a/8", false],
    ["10.1.2.3", "::/0", false],
    ["fd00::1", "fd00::/8", true],
    ["fd00::1", "[fd00::]/8", true],
    ["fe00::1", "fd00::/8", false],
  ];
  for (const [address, network, expected] of cases) {
    equal(
      isWithin(findAddress(address) ?? new Uint8Array(), network),
      expected,
      `${address} ${network}`,
    );
  }
});

Deno.test("classifyHost() never throws", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.[]%") }),
      ),
      (text) => {
        classifyHost(text);
      },
    ),
  );
});
