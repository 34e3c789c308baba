import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "smol-toml";
import { DrayError, UsageError } from "../../src/errors.ts";
import { parseHostsToml } from "../../src/registry/hosts_toml.ts";

const parseText = (text: string) => parseHostsToml(text, "F", parse);
const basesOf = (text: string) =>
  parseText(text).mirrors.map(({ base }) => base?.href);

Deno.test("parseHostsToml() reads a whole file, mirrors in their order", () => {
  const { mirrors, server } = parseText(`
server = "https://registry-1.docker.io"
ca = "origin.pem"

[host."https://zzz.example"]
  capabilities = ["pull"]
  ca = ["a.pem", "/b.pem"]
  client = [["c.pem", "c.key"], ["d.pem", ""]]
  skip_verify = true
[host."https://zzz.example".header]
  X-Token = "one"
  x-list = ["two", "three"]

[host."http://aaa.example:5000"]
  capabilities = ["pull", "resolve", "push"]
  client = "both.pem"
`);
  assert.deepEqual(mirrors, [
    {
      base: new URL("https://zzz.example/v2/"),
      capabilities: new Set(["pull"]),
      ca: ["a.pem", "/b.pem"],
      client: { cert: "c.pem", key: "c.key" },
      skipVerify: true,
      headers: { "x-token": "one", "x-list": "two, three" },
    },
    {
      base: new URL("http://aaa.example:5000/v2/"),
      capabilities: new Set(["pull", "resolve"]),
      ca: [],
      client: { cert: "both.pem", key: "both.pem" },
      skipVerify: false,
      headers: {},
    },
  ]);
  assert.equal(server.base?.href, "https://registry-1.docker.io/v2/");
  assert.deepEqual(server.ca, ["origin.pem"]);
});

Deno.test("parseHostsToml() completes the base of a host as containerd does", () => {
  const base = (host: string, more = "") =>
    basesOf(`[host."${host}"]\n${more}`)[0];
  const cases: readonly (readonly [string, string, string])[] = [
    ["mirror.example", "", "https://mirror.example/v2/"],
    ["mirror.example:5000", "", "https://mirror.example:5000/v2/"],
    ["https://mirror.example/", "", "https://mirror.example/v2/"],
    ["https://mirror.example/v2", "", "https://mirror.example/v2/"],
    ["https://mirror.example/hub", "", "https://mirror.example/hub/v2/"],
    [
      "https://mirror.example/v2/hub",
      "override_path = true",
      "https://mirror.example/v2/hub/",
    ],
    [
      "https://mirror.example",
      "override_path = true",
      "https://mirror.example/",
    ],
    ["http://[::1]:5000", "", "http://[::1]:5000/v2/"],
  ];
  for (const [host, more, expected] of cases) {
    assert.equal(base(host, more), expected);
  }
});

Deno.test("parseHostsToml() takes an empty file for the registry alone", () => {
  const { mirrors, server } = parseText("");
  assert.deepEqual([mirrors.length, server.base], [0, undefined]);
});

Deno.test("parseHostsToml() reads Go's durations", () => {
  const cases = [["3s", 3000], ["1m30s", 90_000], ["1.5s", 1500], [
    "250ms",
    250,
  ]] as const;
  for (const [text, ms] of cases) {
    const { mirrors } = parseText(`[host.'a']\ndial_timeout = '${text}'`);
    assert.equal(mirrors[0]?.connectTimeoutMs, ms);
  }
});

Deno.test("parseHostsToml() tells of keys that mean nothing, and where they stand", () => {
  const text = "foo = 1\n[host.'a.io']\nca = 'x'\nspeed = 9\n";
  assert.deepEqual(parseText(text).warnings, [
    '"F", line 1: foo is unknown here, and has no effect',
    '"F", line 4: host."a.io".speed is unknown here, and has no effect',
  ]);
});

const BROKEN: readonly (readonly [text: string, message: RegExp])[] = [
  ["server = \nx", /"F", line 1: it is no TOML: /],
  ["a = 1\n[host.\n", /"F", line 2: it is no TOML: /],
  ["\nserver = 7", /line 2: server is no text$/],
  ["server = 'ftp://x'", /line 1: server is neither a host nor/],
  ["server = 'https://me:secret@x'", /server has a user in its URL$/],
  ["server = 'https://x/?a=b'", /server has a query in its URL$/],
  ["host = 1", /host is no table$/],
  ["[host]\nx = 1", /host has "x", which is no table$/],
  [
    "[host.'a.io']\n\ncapabilities = ['pull', 'fly']",
    /line 3: host\."a\.io"\.capabilities has "fly"/,
  ],
  [
    "[host.'a.io']\ncapabilities = [1]",
    /line 2: host\."a\.io"\.capabilities is neither/,
  ],
  ["[host.'a.io']\nca = 1", /line 2: host\."a\.io"\.ca is neither/],
  ["[host.'a.io']\nclient = [[1]]", /line 2: host\."a\.io"\.client is neither/],
  [
    "[host.'a.io']\nskip_verify = 'yes'",
    /line 2: host\."a\.io"\.skip_verify is neither true/,
  ],
  [
    "[host.'a.io']\noverride_path = 1",
    /line 2: host\."a\.io"\.override_path is neither true/,
  ],
  ["[host.'a.io'.header]\nX = 1", /line 2: host\."a\.io"\.X is neither/],
  ["[host.'a.io'.header]\nX = \"a\\r\\nb\"", /host\."a\.io"\.X can't be sent/],
  ["[host.'a.io'.header]\n'a b' = 'x'", /host\."a\.io"\.a b can't be sent/],
  ...["3", "fast", "0s", "-1s"].map((time) =>
    [
      `[host.'a.io']\ndial_timeout = '${time}'`,
      /line 2: host\."a\.io"\.dial_timeout is no time above zero/,
    ] as const
  ),
  ["[host.'::']\n", /line 1: host\."::" is neither a host/],
];

for (const [text, message] of BROKEN) {
  Deno.test(`parseHostsToml() says where ${JSON.stringify(text)} is broken`, () => {
    assert.throws(() => parseText(text), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "config-invalid");
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

Deno.test("parseHostsToml() never throws anything but its own error", () => {
  const value = fc.constantFrom(
    "1",
    "''",
    "'https://x'",
    "[]",
    "[1]",
    "['a']",
    "{}",
    "true",
    "x",
  );
  const key = fc.constantFrom(
    ...[
      "server",
      "ca",
      "client",
      "capabilities",
      "header",
      "skip_verify",
      "host",
      "override_path",
      "dial_timeout",
    ],
  );
  const line = fc.oneof(
    fc.tuple(key, value).map(([name, text]) => `${name} = ${text}`),
    fc.constantFrom(
      "[host.'a']",
      "[host.'b'.header]",
      "[host]",
      "[[host]]",
      "# x",
    ),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
    try {
      parseText(lines.join("\n"));
    } catch (error) {
      if (!(error instanceof DrayError)) throw error;
    }
  }));
});
