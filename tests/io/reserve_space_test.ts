import assert from "node:assert/strict";
import { reserveSpace } from "../../src/io/reserve_space.ts";
import { allocatedBytes, canReserve } from "../testing/can_reserve.ts";
import { tempDir } from "../testing/temp_dir.ts";
import { randomBytes } from "../testing/test_bytes.ts";

const ignore = !(await canReserve());
const MIB = 1 << 20;

Deno.test(
  "reserveSpace() reserves, and leaves length and bytes as they are",
  {
    ignore,
  },
  async () => {
    await using dir = await tempDir();
    // It may look like an option.
    const path = dir.join("-n");
    const bytes = randomBytes(65_536);
    await Deno.writeFile(path, bytes);
    const range = { start: MIB, end: 8 * MIB };
    assert.equal(await reserveSpace(path, range)?.done, true);
    assert.ok(allocatedBytes(path) >= 7 * MIB);
    assert.deepEqual(await Deno.readFile(path), bytes);
    await Deno.truncate(path, bytes.length);
    assert.ok(allocatedBytes(path) <= bytes.length + 4096);
  },
);

Deno.test("reserveSpace() tells when it could not, or was stopped", {
  ignore,
}, async () => {
  await using dir = await tempDir();
  const range = { start: 0, end: MIB };
  const failing = reserveSpace(dir.join("nothing"), range);
  assert.equal(await failing?.done, false);
  failing?.stop();
});

Deno.test("reserveSpace() is undefined where there is no such program", () => {
  const path = Deno.env.get("PATH");
  Deno.env.set("PATH", "/no/such/folder");
  try {
    assert.equal(reserveSpace("/f", { start: 0, end: 1 }), undefined);
  } finally {
    if (path === undefined) Deno.env.delete("PATH");
    else Deno.env.set("PATH", path);
  }
});

Deno.test({
  name: "reserveSpace() asks nobody for the permission to run a program",
  permissions: { read: true, write: true, run: false },
  fn: () => assert.equal(reserveSpace("/f", { start: 0, end: 1 }), undefined),
});
