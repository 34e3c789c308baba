/**
 * `floor.ts URL_OR_FILE...`: the least that has to be done with the bytes of an image, one after
 * the other: read and hashed, neither written nor compared.
 */
import { createHash } from "node:crypto";

const client = Deno.createHttpClient({ http2: false });
let memory = new Uint8Array(512 * 1024);

for (const source of Deno.args) {
  const body = source.startsWith("http")
    ? (await fetch(source, { client })).body
    : (await Deno.open(source)).readable;
  const reader = body?.getReader({ mode: "byob" });
  const hash = createHash("sha256");
  for (;;) {
    const { value, done = true } = await reader?.read(memory) ?? {};
    if (value === undefined) break;
    memory = new Uint8Array(value.buffer);
    if (done) break;
    hash.update(value);
  }
  console.log(hash.digest("hex"));
}
client.close();
