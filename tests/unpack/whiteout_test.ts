import assert from "node:assert/strict";
import { IntegrityError } from "../../src/errors.ts";
import { splitEntryPath } from "../../src/unpack/entry_path.ts";
import { DEFAULT_UNPACK_LIMITS } from "../../src/unpack/unpack_limits.ts";
import {
  classifyLayerPath,
  type LayerPath,
} from "../../src/unpack/whiteout.ts";

Deno.test("classifyLayerPath() tells whiteouts from entries", () => {
  const cases: readonly (readonly [string, LayerPath])[] = [
    ["", { kind: "entry" }],
    ["a/b", { kind: "entry" }],
    ["a/x.wh.b", { kind: "entry" }],
    ["a/.wha", { kind: "entry" }],
    ["a/.wh.b", { kind: "whiteout", names: ["a", "b"] }],
    [".wh.b", { kind: "whiteout", names: ["b"] }],
    [".wh....", { kind: "whiteout", names: ["..."] }],
    ["a/.wh..b", { kind: "whiteout", names: ["a", ".b"] }],
    ["a/.wh..wh..opq", { kind: "opaque", names: ["a"] }],
    [".wh..wh..opq", { kind: "opaque", names: [] }],
    [".wh..wh.plnk", { kind: "ignored" }],
    [".wh..wh.plnk/.wh.a", { kind: "ignored" }],
    ["a/.wh..wh.aufs", { kind: "ignored" }],
  ];
  for (const [path, expected] of cases) {
    const names = path === "" ? [] : path.split("/");
    assert.deepEqual(classifyLayerPath(names), expected, path);
  }
  for (
    const path of [
      ".wh.",
      "a/.wh.",
      ".wh..",
      ".wh...",
      ".wh.a/b",
      "x/.wh.a/.wh.b",
    ]
  ) {
    assert.throws(
      () => classifyLayerPath(path.split("/")),
      IntegrityError,
      path,
    );
  }
});

Deno.test("splitEntryPath() gives names from the root down", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["a/b", ["a", "b"]],
    ["./a//b/", ["a", "b"]],
    ["/a", ["a"]],
    ["///a/./b/.", ["a", "b"]],
    [".", []],
    ["/", []],
    ["...", ["..."]],
    ["a\\..\\b", ["a\\..\\b"]],
  ];
  for (const [path, names] of cases) {
    assert.deepEqual(
      splitEntryPath(path, DEFAULT_UNPACK_LIMITS, "linux"),
      names,
    );
  }
});

Deno.test("splitEntryPath() refuses what Windows takes for something else", () => {
  const bad = [
    "con",
    "a/AUX.txt",
    "nul.tar.gz",
    "com1",
    "LPT9.x",
    "a.",
    "a ",
    "C:\\x",
    "\\\\?\\x",
    "a:b",
    "a\\b",
    "..\\x",
    "a?",
    "a\x01",
  ];
  for (const path of bad) {
    assert.throws(
      () => splitEntryPath(path, DEFAULT_UNPACK_LIMITS, "windows"),
      (error) =>
        error instanceof IntegrityError && error.code === "path-unsafe",
      path,
    );
  }
  for (const path of ["console", "a/b.c", "com", "auxiliary.txt", ".hidden"]) {
    assert.equal(
      splitEntryPath(path, DEFAULT_UNPACK_LIMITS, "windows").join("/"),
      path,
    );
  }
});

Deno.test("splitEntryPath() has bounds in bytes, not characters", () => {
  const limits = { maxNameBytes: 6, maxPathBytes: 14, maxDepth: 3 };
  const good = ["abcdef", "ééé", "ab/cd/ef", "abcdef/abcdef"];
  const bad = ["abcdefg", "éééé", "a/b/c/d", "abcdef/abcdef/a", "é/éé/ééé/"];
  for (const path of good) splitEntryPath(path, limits);
  for (const path of bad) {
    assert.throws(
      () => splitEntryPath(path, limits),
      (error) =>
        error instanceof IntegrityError && error.code === "limit-exceeded",
      path,
    );
  }
});
