import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../../src/cli/commands.ts";
import { type Arrow, listSources, readArrows } from "../module_graph.ts";
import { runDray } from "../testing/run_dray.ts";
import { tempDir } from "../testing/temp_dir.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COMMAND = /^src\/cli\/commands\/\w+_command\.ts$/;
const RUN = /^src\/cli\/commands\/run_\w+\.ts$/;

Deno.test("before dray begins Deno reads no command, and each command's code only where it runs", async () => {
  const arrows = await readArrows(ROOT);
  const start = findRead(arrows, "main.ts");
  assert(start.includes("src/cli/run_cli.ts"));
  assert.deepEqual(start.filter((path) => /command/.test(path)), []);
  assert(start.length <= 20, `${start.length} files: ${start.join(" ")}`);

  const commands = arrows.filter(({ importer }) => COMMAND.test(importer));
  assert(commands.some(({ imported }) => RUN.test(imported)));
  assert.deepEqual(
    commands.filter(({ imported, isTypeOnly }) =>
      RUN.test(imported) && isTypeOnly !== true
    ),
    [],
  );
  const pull = [
    ...findRead(arrows, "src/cli/commands/pull_command.ts"),
    ...findRead(arrows, "src/cli/commands/run_pull.ts"),
  ];
  assert(pull.includes("src/pull/pull.ts"));
  const rare = /^src\/(unpack_image|export|import|look|serve|cli\/explain)\//;
  assert.deepEqual(pull.filter((path) => rare.test(path)), []);
  const seldom = /(terminal|plain|json)_display|ask_credentials|(images|rm)_/;
  assert.deepEqual(
    pull.filter((path) => /^src\/(cli|ui)/.test(path) && seldom.test(path)),
    [],
  );
});

Deno.test("a hidden import reads the file that its type names, and the library has none", async () => {
  let hidden = 0;
  for (const path of await listSources(ROOT)) {
    const text = await Deno.readTextFile(`${ROOT}${path}`);
    const read = find(text, /\bimport\(\s*"([^"]+)" as string/g);
    const named = find(text, /\btypeof import\("(\.[^"]+)"\)/g);
    if (read.length === 0) continue;
    assert.deepEqual(read, named, path);
    // Whoever compiles a program with the library would lack the module.
    assert.match(path, /^src\/(?:cli|ui)\//);
    hidden += read.length;
  }
  assert(hidden >= COMMANDS.length);
});

Deno.test("every command is found from any folder with the permissions that users have", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.join("file"), "no store");
  const env = { DOCKER_CONFIG: dir.path };
  for (const { name, args } of COMMANDS) {
    const names = Array(Math.min(args.max ?? 1, Math.max(args.min, 1)));
    const line = [name, ...names.fill("A"), "--store", dir.join("file")];
    const { code, stderr } = await runDray(line, { cwd: dir.path, env });
    // As the command says: misuse, nothing there, or no store; the parser objects to nothing.
    assert([0, 2, 3, 7].includes(code), `${name}: ${code} ${stderr}`);
    assert.doesNotMatch(stderr, /Cannot run dray|a bug in dray/, name);
  }
});

/** The files that Deno reads with one, itself among them. */
function findRead(arrows: readonly Arrow[], path: string): readonly string[] {
  const found = new Set([path]);
  for (const importer of found) {
    for (const arrow of arrows) {
      if (arrow.importer === importer && arrow.isTypeOnly !== true) {
        found.add(arrow.imported);
      }
    }
  }
  return [...found];
}

function find(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, specifier = ""]) => specifier);
}
