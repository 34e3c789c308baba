import assert from "node:assert/strict";
import { TerminalWriter } from "../../src/ui/terminal_writer.ts";

function createWriter(size = { columns: 10, rows: 5 }) {
  const written: string[] = [];
  const writer = new TerminalWriter({
    write: (text) => written.push(text),
    size: () => size,
  });
  return { writer, written, size };
}

Deno.test("TerminalWriter.draw() draws over what it drew, in one write", () => {
  const { writer, written } = createWriter();
  writer.draw(["one", "two"]);
  writer.draw(["three"]);
  assert.deepEqual(written, [
    `one\x1b[K\ntwo\x1b[K\n\x1b[J`,
    "\x1b[2A\rthree\x1b[K\n\x1b[J",
  ]);
});

Deno.test("TerminalWriter.draw() goes up the rows that a narrower terminal made of its lines", () => {
  const { writer, written, size } = createWriter();
  writer.draw(["1234567890", "\x1b[36mabc\x1b[39m"]);
  size.columns = 4;
  writer.draw(["x"]);
  assert.ok(written[1]?.startsWith("\x1b[4A\r"));
});

Deno.test("TerminalWriter.print() puts lasting text above the block", () => {
  const { writer, written } = createWriter();
  writer.draw(["bar"]);
  writer.print("note");
  assert.deepEqual(written.slice(1), [
    `\x1b[1A\r\x1b[J`,
    "note\n",
    `bar\x1b[K\n\x1b[J`,
  ]);
});

Deno.test("TerminalWriter.draw() writes the lines that changed, and nothing where none did", () => {
  const { writer, written, size } = createWriter();
  writer.draw(["title", "bar 1", "bar 2", "end 1"]);
  writer.draw(["title", "bar 9", "bar 2", "end 2"]);
  writer.draw(["title", "bar 9", "bar 2", "end 2"]);
  assert.deepEqual(written.slice(1), ["\x1b[3A\rbar 9\x1b[K\n\nend 2\x1b[K\n"]);
  size.columns = 9;
  writer.draw(["title", "bar 9", "bar 2", "end 2"]);
  assert.match(written[2] ?? "", /title.*bar 9.*bar 2/s);
});

Deno.test("TerminalWriter.forget() leaves the block to whoever wrote below it", () => {
  const { writer, written } = createWriter();
  writer.draw(["bar"]);
  writer.forget();
  writer.draw(["bar"]);
  assert.equal(written[1], "bar\x1b[K\n\x1b[J");
});

Deno.test("TerminalWriter never hides the cursor, so that no way out leaves it hidden", () => {
  const { writer, written } = createWriter();
  writer.draw(["bar"]);
  writer.print("note");
  writer.clear();
  assert.doesNotMatch(written.join(""), /\?25/);
});

Deno.test("TerminalWriter takes its lines away when it is disposed, once", () => {
  const { writer, written } = createWriter();
  writer.draw(["bar"]);
  writer[Symbol.dispose]();
  writer[Symbol.dispose]();
  assert.deepEqual(written.slice(1), [`\x1b[1A\r\x1b[J`]);
});

Deno.test("TerminalWriter writes nothing where nothing was drawn", () => {
  const { writer, written } = createWriter();
  writer.clear();
  writer.draw([]);
  writer[Symbol.dispose]();
  assert.deepEqual(written, []);
});
