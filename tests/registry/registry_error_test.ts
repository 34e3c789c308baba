import assert from "node:assert/strict";
import { findErrorEntry } from "../../src/registry/error_document.ts";
import {
  makeRegistryError,
  toRegistryError,
} from "../../src/registry/registry_error.ts";

const SUBJECT = {
  action: "fetch manifest",
  what: "docker.io/library/nope:1",
  host: "registry-1.docker.io",
  registry: "docker.io",
};
const errorFor = (status: number, code = "", more: object = {}) =>
  makeRegistryError(status, code === "" ? undefined : { code, message: "" }, {
    ...SUBJECT,
    ...more,
  });

const MAPPED: readonly (readonly [
  status: number,
  code: string,
  exitCode: number,
  mapped: string,
])[] = [
  [401, "", 4, "unauthorized"],
  [401, "NAME_UNKNOWN", 4, "unauthorized"],
  [401, "UNAUTHORIZED", 4, "unauthorized"],
  [403, "", 4, "denied"],
  [403, "DENIED", 4, "denied"],
  [403, "TOOMANYREQUESTS", 5, "rate-limited"],
  [404, "", 3, "not-found"],
  [404, "MANIFEST_UNKNOWN", 3, "not-found"],
  [404, "DENIED", 4, "denied"],
  [404, "UNAUTHORIZED", 4, "unauthorized"],
  [400, "NAME_UNKNOWN", 3, "not-found"],
  [400, "BLOB_UNKNOWN", 3, "not-found"],
  [410, "", 3, "not-found"],
  [408, "", 5, "timeout"],
  [429, "", 5, "rate-limited"],
  [429, "DENIED", 5, "rate-limited"],
  [500, "", 5, "server-error"],
  [503, "MANIFEST_UNKNOWN", 5, "server-error"],
  [400, "", 1, "protocol"],
  [405, "UNSUPPORTED", 1, "protocol"],
  [302, "", 1, "protocol"],
  [200, "", 1, "protocol"],
];

for (const [status, code, exitCode, mapped] of MAPPED) {
  Deno.test(`makeRegistryError() maps ${status} ${code} to ${mapped}`, () => {
    const error = errorFor(status, code);
    assert.deepEqual([error.exitCode, error.code], [exitCode, mapped]);
    assert.equal(error.details.status, status);
    assert.equal(error.details.registryCode, code === "" ? undefined : code);
    assert.ok(
      error.message.startsWith(
        'Cannot fetch manifest "docker.io/library/nope:1": ',
      ),
    );
  });
}

Deno.test("makeRegistryError() says of Docker Hub's 401 that it may be either", () => {
  const anonymous = errorFor(401);
  assert.match(anonymous.message, /not found or no access/);
  assert.equal(anonymous.hint, "dray login docker.io");
  const known = errorFor(401, "", { credentialsFrom: "config.json" });
  assert.match(
    known.message,
    /refuses the credentials from config\.json, or has no such/,
  );
  const login = errorFor(401, "", { credentialsFrom: "flags", isLogin: true });
  assert.doesNotMatch(login.message, /repository/);
});

Deno.test("makeRegistryError() offers a login for a rate limit to whoever has none", () => {
  assert.match(errorFor(429).hint ?? "", /dray login docker\.io/);
  assert.equal(
    errorFor(429, "", { credentialsFrom: "config.json" }).hint,
    undefined,
  );
});

Deno.test("makeRegistryError() tells of a bare 400 what may be missing", () => {
  const hintOf = (scheme?: string) => errorFor(400, "", { scheme }).hint ?? "";
  assert.match(hintOf("http:"), /leave out --plain-http/);
  assert.match(hintOf("https:"), /client certificate/);
  assert.equal(hintOf(), "");
});

Deno.test("makeRegistryError() asks of a status that no registry has whether it is one, and only where it isn't known", () => {
  for (const status of [204, 302, 418]) {
    const error = errorFor(status, "", { scheme: "https:" });
    assert.deepEqual([error.code, error.exitCode], ["protocol", 1]);
    assert.match(error.hint ?? "", /^no registry answers so/);
    assert.equal(errorFor(status).hint, undefined);
  }
});

const find = (body: string) => findErrorEntry(new TextEncoder().encode(body));

Deno.test("findErrorEntry() reads the first entry of an error document", () => {
  const body =
    '{"errors":[{"code":"denied","message":"no","detail":{"x":1}},{"code":"X"}]}';
  assert.deepEqual(find(body), { code: "DENIED", message: "no" });
  assert.deepEqual(find('{"errors":[{"code":"A_B"}]}'), {
    code: "A_B",
    message: "",
  });
  assert.deepEqual(find('{"errors":[{"code":"A","detail":"why"}]}'), {
    code: "A",
    message: "why",
  });
  assert.deepEqual(find('{"error":"oops"}'), { code: "", message: "oops" });
  assert.deepEqual(find('{"message":"oops"}'), { code: "", message: "oops" });
});

Deno.test("findErrorEntry() finds nothing in what is no error document", () => {
  const bodies = [
    "",
    "<html>",
    "null",
    "7",
    "[]",
    "{}",
    '{"errors":[]}',
    '{"errors":[7]}',
  ];
  for (
    const body of [
      ...bodies,
      '{"errors":{}}',
      '{"errors":[{"code":7,"message":{}}]}',
    ]
  ) {
    assert.equal(find(body), undefined, body);
  }
});

Deno.test("findErrorEntry() keeps a code only where it looks like one, and cuts long messages", () => {
  assert.deepEqual(find('{"errors":[{"code":"a\\u001bb","message":"m"}]}'), {
    code: "",
    message: "m",
  });
  assert.equal(
    find(JSON.stringify({ message: "x".repeat(10_000) }))?.message.length,
    300,
  );
});

Deno.test("toRegistryError() prints nothing of the outside unescaped, and reads 64 KiB at most", async () => {
  const message = "\x1b[2Jpwned\r\n\u202e";
  const body = JSON.stringify({ errors: [{ code: "X", message }] });
  const error = await toRegistryError(
    new Response(body, { status: 400 }),
    SUBJECT,
  );
  assert.match(error.message, /\(X: \\x1b\[2Jpwned\\x0d\\x0a\\u\{202e\}\)$/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(error.message, /[\x00-\x1f\u202e]/);
  let pulled = 0;
  let isCancelled = false;
  const endless = new ReadableStream({
    type: "bytes",
    pull(controller) {
      pulled += 10_000;
      controller.enqueue(new Uint8Array(10_000));
    },
    cancel() {
      isCancelled = true;
    },
  });
  await toRegistryError(new Response(endless, { status: 400 }), SUBJECT);
  assert.ok(pulled < 100_000, `${pulled}`);
  assert.equal(isCancelled, true);
});

Deno.test("toRegistryError() takes what came of a body that breaks off", async () => {
  const broken = new ReadableStream({
    type: "bytes",
    pull(controller) {
      controller.error(new TypeError("reset"));
    },
  });
  const error = await toRegistryError(
    new Response(broken, { status: 404 }),
    SUBJECT,
  );
  assert.equal(error.code, "not-found");
});

Deno.test("makeRegistryError() names the command that lists tags where a tag is not found, and only there", () => {
  const hint = "see its tags: dray tags docker.io/library/nope";
  assert.equal(errorFor(404).hint, hint);
  assert.equal(errorFor(404, "MANIFEST_UNKNOWN").hint, hint);
  assert.equal(errorFor(404, "NAME_UNKNOWN").hint, undefined);
  const digest = `sha256:${"0".repeat(64)}`;
  for (
    const what of [
      `docker.io/library/nope@${digest}`,
      `docker.io/library/nope:1@${digest}`,
      "localhost:5000/team/app",
    ]
  ) assert.equal(errorFor(404, "", { what }).hint, undefined, what);
  const what = "localhost:5000/team/app:1";
  const { hint: local } = errorFor(404, "", { what });
  assert.equal(local, "see its tags: dray tags localhost:5000/team/app");
});
