import assert from "node:assert/strict";
import {
  IntegrityError,
  NotFoundError,
  OperationError,
} from "../../src/errors.ts";
import { nextPageQuery, parseTagPage } from "../../src/registry/tag_page.ts";
import { startFakeRegistry } from "../testing/fake_registry.ts";
import { answerStatus, setHeaders } from "../testing/faults.ts";
import { buildImage } from "../testing/image_builder.ts";
import { openClient } from "./open_client.ts";

const IMAGE = buildImage();
const TAGS = /tags\/list/;
const HERE = "/v2/team/app/tags/list";
const page = (tags: unknown, link?: string) =>
  answerStatus(
    200,
    link === undefined ? {} : { Link: `<${link}>; rel="next"` },
    JSON.stringify({ name: "team/app", tags }),
  );

async function listAll(
  open: ReturnType<typeof openClient>,
  repository: string,
  options: object = {},
): Promise<string[]> {
  return await Array.fromAsync(open.client.listTags(repository, options));
}

Deno.test("RegistryClient.listTags() gives all pages in the registry's order", async () => {
  await using registry = startFakeRegistry({ pageSize: 2 });
  for (const tag of ["a", "b", "c", "d", "e"]) {
    registry.push("team/app", tag, IMAGE);
  }
  using open = openClient([registry.host]);
  assert.deepEqual(await listAll(open, `${registry.host}/team/app`), [
    "a",
    "b",
    "c",
    "d",
    "e",
  ]);
  assert.deepEqual(
    registry.requests.map(({ query }) => Object.fromEntries(query)),
    [
      { n: "1000" },
      { n: "2", last: "b" },
      { n: "2", last: "d" },
    ],
  );
});

Deno.test("RegistryClient.listTags() asks for no page that nobody reads", async () => {
  await using registry = startFakeRegistry({ pageSize: 2 });
  for (const tag of ["a", "b", "c"]) registry.push("team/app", tag, IMAGE);
  using open = openClient([registry.host]);
  const tags = open.client.listTags(`${registry.host}/team/app`, {
    pageSize: 2,
  });
  for await (const tag of tags) {
    if (tag === "b") break;
  }
  assert.equal(registry.requests.length, 1);
});

Deno.test("RegistryClient.listTags() takes no tags for none, and null as well", async () => {
  for (const tags of [[], null]) {
    await using registry = startFakeRegistry({
      faults: [{ match: TAGS, fault: page(tags) }],
    });
    using open = openClient([registry.host]);
    assert.deepEqual(await listAll(open, `${registry.host}/team/app`), []);
  }
});

Deno.test("RegistryClient.listTags() leaves out what is no tag, and says so once", async () => {
  const tags = [
    "ok",
    "\x1b[31m",
    "a b",
    "../x",
    "é",
    "",
    "x".repeat(129),
    7,
    null,
    "x".repeat(128),
  ];
  await using registry = startFakeRegistry({
    faults: [{ match: TAGS, fault: page(tags) }],
  });
  using open = openClient([registry.host]);
  const listed = await listAll(open, `${registry.host}/team/app`);
  assert.deepEqual(listed, ["ok", "x".repeat(128)]);
  assert.deepEqual(open.warnings, [
    `Left out 8 entries of the tags of "${registry.host}/team/app": they are no tags`,
  ]);
});

Deno.test("RegistryClient.listTags() says that there is no such repository", async () => {
  await using registry = startFakeRegistry();
  using open = openClient([registry.host]);
  await assert.rejects(listAll(open, `${registry.host}/team/app`), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.details.registryCode, "NAME_UNKNOWN");
    return true;
  });
});

for (const body of ["<html>", "[]", "{}", '{"tags":"x"}', "null"]) {
  Deno.test(`RegistryClient.listTags() refuses ${body}`, async () => {
    await using registry = startFakeRegistry({
      faults: [{ match: TAGS, fault: answerStatus(200, {}, body) }],
    });
    using open = openClient([registry.host]);
    await assert.rejects(
      listAll(open, `${registry.host}/team/app`),
      IntegrityError,
    );
  });
}

Deno.test("RegistryClient.listTags() ends pages without end (CVE-2023-2253)", async () => {
  let count = 0;
  await using registry = startFakeRegistry({
    faults: [{
      match: TAGS,
      fault: (response, request) =>
        page([`t${count}`], `${HERE}?last=t${count++}`)(response, request),
    }],
  });
  using open = openClient([registry.host]);
  const listing = listAll(open, `${registry.host}/team/app`, { maxTags: 50 });
  await assert.rejects(listing, /more than 50 tags/);
  assert.equal(registry.requests.length, 51);
});

Deno.test("RegistryClient.listTags() ends at a page that names itself as the next", async () => {
  await using registry = startFakeRegistry({
    faults: [{ match: TAGS, fault: page([], `${HERE}?n=1000`) }],
  });
  using open = openClient([registry.host]);
  await assert.rejects(
    listAll(open, `${registry.host}/team/app`),
    /names itself/,
  );
  assert.equal(registry.requests.length, 1);
});

Deno.test("RegistryClient.listTags() bears a page of a million tags up to its limits (CVE-2023-2253)", async () => {
  const tags = Array.from(
    { length: 1_000_000 },
    (_, index) => `v1.0.${index}-linux-amd64`,
  );
  await using registry = startFakeRegistry({
    faults: [{ match: TAGS, fault: page(tags) }],
  });
  using open = openClient([registry.host]);
  await assert.rejects(
    listAll(open, `${registry.host}/team/app`),
    (error) =>
      error instanceof IntegrityError && error.code === "document-too-large",
  );
});

Deno.test("RegistryClient.listTags() sends nothing to another host that a Link names", async () => {
  await using evil = startFakeRegistry();
  for (
    const link of [`${evil.url}${HERE}?last=a`, `//${evil.host}${HERE}?last=a`]
  ) {
    await using registry = startFakeRegistry({
      faults: [{ match: TAGS, fault: page(["a"], link) }],
    });
    using open = openClient([registry.host, evil.host]);
    await assert.rejects(
      listAll(open, `${registry.host}/team/app`),
      (error) => {
        assert.ok(error instanceof OperationError);
        assert.match(error.message, /another host/);
        return true;
      },
    );
  }
  assert.equal(evil.requests.length, 0);
});

const PAGE = new URL("https://a.io/v2/team/app/tags/list?n=10");
const TOPIC = { action: "list tags of", what: "a.io/team/app" };

Deno.test("nextPageQuery() takes the query of a link and nothing else", () => {
  for (
    const start of [
      "/v2/team/app/tags/list",
      "",
      "https://a.io/v2/team/app/tags/list",
      "http://a.io/",
    ]
  ) {
    const expected = { n: "10", last: "x" };
    assert.deepEqual(
      nextPageQuery(`${start}?n=10&last=x`, PAGE, TOPIC),
      expected,
    );
  }
  assert.deepEqual(nextPageQuery("/other/v2/x?last=y&ns=evil", PAGE, TOPIC), {
    last: "y",
  });
});

Deno.test("nextPageQuery() refuses what is no link at all", () => {
  for (
    const link of [
      "http://[",
      "https://b.io/",
      "file:///x",
      "data:,x",
      "javascript:x",
    ]
  ) {
    assert.throws(() => nextPageQuery(link, PAGE, TOPIC), OperationError);
  }
});

Deno.test("RegistryClient.listTags() tells of Link fields that it can't read by ending", async () => {
  await using registry = startFakeRegistry({
    faults: [{ match: TAGS, fault: setHeaders({ Link: "garbage; rel=next" }) }],
  });
  registry.push("team/app", "1", IMAGE);
  using open = openClient([registry.host]);
  assert.deepEqual(await listAll(open, `${registry.host}/team/app`), ["1"]);
});

Deno.test("parseTagPage() refuses keys that stand twice, as manifests are refused", () => {
  const topic = { action: "list tags of", what: "a.io/b" };
  const body = '{"name":"b","tags":["1"],"tags":["2"]}';
  assert.throws(
    () => parseTagPage(new TextEncoder().encode(body), topic),
    (error) =>
      error instanceof IntegrityError && error.code === "document-invalid" &&
      error.message.includes('key "tags" stands twice'),
  );
});
