import assert from "node:assert/strict";
import {
  apiHost,
  credentialName,
  endpointUrl,
  originEndpoint,
} from "../../src/registry/endpoint.ts";

Deno.test("originEndpoint() asks Docker Hub at its API's host, under its own name", () => {
  const { name, base } = originEndpoint("docker.io");
  assert.deepEqual([name, base.href], [
    "docker.io",
    "https://registry-1.docker.io/v2/",
  ]);
});

Deno.test("apiHost() and credentialName() change the names of Docker Hub only", () => {
  for (const host of ["docker.io", "index.docker.io", "registry-1.docker.io"]) {
    assert.equal(apiHost(host), "registry-1.docker.io");
    assert.equal(credentialName(host), "docker.io");
  }
  for (
    const host of [
      "quay.io",
      "localhost:5000",
      "[::1]:5000",
      "docker.io.evil.example",
    ]
  ) {
    assert.equal(apiHost(host), host);
    assert.equal(credentialName(host), host);
  }
});

Deno.test("endpointUrl() puts paths below the base and says which registry is meant", () => {
  const endpoint = {
    ...originEndpoint("[::1]:5000"),
    base: new URL("https://m.io/v2/hub/"),
  };
  const path = "library/alpine/tags/list";
  assert.equal(endpointUrl(endpoint, path).href, `https://m.io/v2/hub/${path}`);
  assert.equal(
    endpointUrl({ ...endpoint, namespace: "docker.io" }, path, { n: "5" }).href,
    `https://m.io/v2/hub/${path}?n=5&ns=docker.io`,
  );
});
