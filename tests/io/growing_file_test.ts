import assert from "node:assert/strict";
import {
  type FileGrowth,
  growingChunks,
  GrowingFile,
} from "../../src/io/growing_file.ts";
import { tempDir } from "../testing/temp_dir.ts";

const NEVER = new AbortController().signal;

Deno.test("growingChunks() reads on as the file grows, also where a commit moves it", async () => {
  await using dir = await tempDir();
  const [path, wholePath] = [dir.join("partial"), dir.join("whole")];
  const file = new GrowingFile();
  await Deno.writeTextFile(path, "ab");
  file.grow(path, 2);
  const chunks = growingChunks(file, { wholePath });
  const text = async (): Promise<string> => {
    const { value } = await chunks.next();
    return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
  };
  assert.equal(await text(), "ab");
  const next = text();
  await Deno.writeTextFile(path, "c", { append: true });
  await Deno.rename(path, wholePath);
  file.complete(3);
  assert.equal(await next, "c");
  assert.equal((await chunks.next()).done, true);
});

Deno.test("growingChunks() fails where the file starts again, whatever comes then", async () => {
  await using dir = await tempDir();
  const path = dir.join("partial");
  for (const bytes of [0, 1, 5]) {
    const file = new GrowingFile();
    await Deno.writeTextFile(path, "abcde");
    file.grow(path, 2);
    const chunks = growingChunks(file, { wholePath: dir.join("none") });
    await chunks.next();
    file.restart();
    if (bytes > 0) file.grow(path, bytes);
    await assert.rejects(chunks.next(), {
      code: "io",
      message: /is written anew$/,
    });
  }
});

Deno.test("GrowingFile.watch() tells of each change, and how it ended", async () => {
  const told: FileGrowth[] = [];
  const grown = new GrowingFile();
  const whole = grown.watch((growth) => told.push(growth), NEVER);
  grown.grow("partial", 1);
  await Promise.resolve();
  grown.complete(2);
  assert.equal(await whole, "whole");
  assert.deepEqual(told.at(-1), {
    path: undefined,
    bytes: 2,
    isWhole: true,
    attempt: 0,
  });

  const wrong = new GrowingFile();
  wrong.grow("partial", 1);
  const restarted = wrong.watch(() => {}, NEVER);
  wrong.restart();
  assert.equal(await restarted, "restarted");

  const controller = new AbortController();
  const aborted = new GrowingFile().watch(() => {}, controller.signal);
  controller.abort();
  assert.equal(await aborted, "aborted");
});
