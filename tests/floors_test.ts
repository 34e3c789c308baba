import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Arrow, listSources, readArrows } from "./module_graph.ts";

/** Lowest first. Folders, and files that are floors' members by themselves. */
const FLOORS: readonly (readonly string[])[] = [
  ["src/spec", "src/errors.ts", "src/events.ts", "migrations", "deno.json"],
  ["src/http", "src/io", "src/tar"],
  ["src/registry", "src/store", "src/unpack"],
  [
    "src/pull",
    "src/maintain",
    "src/unpack_image",
    "src/look",
    "src/export",
    "src/import",
    "src/serve",
  ],
  ["src/app.ts", "src/serve_store.ts", "src/ui"],
  ["src/cli", "src/mod.ts"],
  ["main.ts"],
];

/** Within the lowest floor: everything may throw our errors, and events carry digests. */
const NEIGHBOURS: ReadonlySet<string> = new Set([
  "src/spec -> src/errors.ts",
  "src/events.ts -> src/spec",
]);

/** Who may import what from outside; each can then be changed in one place. */
const OUTSIDERS: readonly (readonly [specifier: RegExp, home: string])[] = [
  [/^node:sqlite$/, "src/store/database.ts"],
  [/^node:crypto$/, "src/io"],
  [/^npm:\/?@stricli\/core\b/, "src/cli"],
];

/** Files besides the transport that may call `fetch`; say why. */
const FETCH_HOMES: ReadonlySet<string> = new Set(["src/http/transport.ts"]);

const ROOT = fileURLToPath(new URL("..", import.meta.url));

Deno.test("every import of the program points down the floors", async () => {
  const arrows = await readArrows(ROOT);
  // Not vacuous: the graph has been read.
  assert(
    arrows.some(({ importer, imported }) =>
      importer.startsWith("src/spec/") && imported === "src/errors.ts"
    ),
  );
  assert.deepEqual(findBadArrows(arrows), []);
});

Deno.test("each dependency from outside is imported in its home only", async () => {
  assert.deepEqual(findStrangers(await readArrows(ROOT)), []);
});

Deno.test("fetch is called in the transport only", async () => {
  const callers: string[] = [];
  for (const path of await listSources(ROOT)) {
    const text = await Deno.readTextFile(`${ROOT}/${path}`);
    if (callsFetch(text) && !FETCH_HOMES.has(path)) callers.push(path);
  }
  assert.deepEqual(callers, []);
});

const ARROWS: readonly (readonly [
  importer: string,
  imported: string,
  isBad: boolean,
])[] = [
  ["src/http/retry.ts", "src/spec/digest.ts", false],
  ["src/http/retry.ts", "src/http/log.ts", false],
  ["src/cli/commands/pull.ts", "src/cli/stdio.ts", false],
  ["src/spec/digest.ts", "src/errors.ts", false],
  ["src/events.ts", "src/spec/digest.ts", false],
  ["main.ts", "src/cli/run.ts", false],
  ["src/store/migrate.ts", "migrations/001.sql", false],
  ["src/http/retry.ts", "node:sqlite", false],
  // Upwards.
  ["src/http/retry.ts", "src/registry/token.ts", true],
  ["src/pull/pull.ts", "src/app.ts", true],
  ["src/spec/digest.ts", "src/io/hash.ts", true],
  ["src/cli/run.ts", "main.ts", true],
  // Sideways.
  ["src/registry/token.ts", "src/store/store.ts", true],
  ["src/ui/plain.ts", "src/app.ts", true],
  ["src/mod.ts", "src/cli/run.ts", true],
  ["src/errors.ts", "src/spec/digest.ts", true],
  ["src/spec/digest.ts", "src/events.ts", true],
  // Out of the building.
  ["src/spec/digest.ts", "tests/testing/temp_dir.ts", true],
  ["src/odd/x.ts", "src/errors.ts", true],
  ["src/cli/run.ts", "src/odd/x.ts", true],
  ["src/cli/run.ts", "src/stray.ts", true],
];

for (const [importer, imported, isBad] of ARROWS) {
  Deno.test(`findBadArrows() ${isBad ? "names" : "passes"} ${importer} -> ${imported}`, () => {
    const bad = findBadArrows([{ importer, imported }]);
    assert.equal(bad.length, isBad ? 1 : 0);
    if (isBad) assert(bad[0]?.startsWith(`${importer} -> ${imported}`));
  });
}

Deno.test("findStrangers() names whoever imports a dependency away from its home", () => {
  assert.deepEqual(
    findStrangers([
      { importer: "src/store/database.ts", imported: "node:sqlite" },
      { importer: "src/io/hash.ts", imported: "node:crypto" },
      { importer: "src/cli/run.ts", imported: "npm:@stricli/core@^1.3.0" },
      { importer: "src/store/store.ts", imported: "node:sqlite" },
      { importer: "src/pull/pull.ts", imported: "node:crypto" },
      { importer: "src/iodine/x.ts", imported: "node:crypto" },
      { importer: "main.ts", imported: "npm:/@stricli/core@1.3.0" },
    ]),
    [
      "src/store/store.ts -> node:sqlite",
      "src/pull/pull.ts -> node:crypto",
      "src/iodine/x.ts -> node:crypto",
      "main.ts -> npm:/@stricli/core@1.3.0",
    ],
  );
});

Deno.test("callsFetch() tells calls and borrowed references from words", () => {
  const calls = [
    "await fetch(url)",
    "const f = fetch;",
    "options.fetch ?? fetch)",
    "globalThis.fetch(url)",
    "return fetch\n(url)",
    "x(fetch, 1)",
  ];
  const words = [
    "// fetch(url) is elsewhere",
    "/** calls fetch(url) */",
    '"fetch(url)"',
    "client.fetch(url)",
    "fetchBlob(x)",
    "prefetch(x)",
    "interface O { readonly fetch: Transport }",
  ];
  for (const text of calls) assert.equal(callsFetch(text), true, text);
  for (const text of words) assert.equal(callsFetch(text), false, text);
});

Deno.test("readArrows() sees value, type and dynamic imports of every file", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    const files = {
      "main.ts": 'await import("./src/cli/run.ts");',
      "src/cli/run.ts": 'export * from "../store/b.ts";',
      "src/store/b.ts": 'import "node:sqlite"; export const b = 1;',
      "src/http/orphan.ts":
        'import type { b } from "../store/b.ts"; export type B = typeof b;',
      "src/http/broken.ts": 'import "./not_yet.ts";',
    };
    for (const [path, text] of Object.entries(files)) {
      const folder = path.split("/").slice(0, -1).join("/");
      await Deno.mkdir(`${dir}/${folder}`, { recursive: true });
      await Deno.writeTextFile(`${dir}/${path}`, text);
    }
    const arrows = await readArrows(dir);
    const texts = arrows.map(({ importer, imported }) =>
      `${importer} -> ${imported}`
    );
    assert.deepEqual(texts.sort(), [
      "main.ts -> src/cli/run.ts",
      "src/cli/run.ts -> src/store/b.ts",
      "src/http/broken.ts -> src/http/not_yet.ts",
      "src/http/orphan.ts -> src/store/b.ts",
      "src/store/b.ts -> node:sqlite",
    ]);
    assert.deepEqual(findBadArrows(arrows), [
      "src/http/orphan.ts -> src/store/b.ts (up)",
    ]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** Arrows that point up, sideways, or to where no floor is. */
function findBadArrows(arrows: readonly Arrow[]): string[] {
  const bad: string[] = [];
  for (const { importer, imported } of arrows) {
    if (/^[a-z]+:/.test(imported)) continue;
    const why = describeArrow(importer, imported);
    if (why !== undefined) bad.push(`${importer} -> ${imported} (${why})`);
  }
  return bad;
}

function describeArrow(importer: string, imported: string): string | undefined {
  const [from, to] = [findMember(importer), findMember(imported)];
  if (from === undefined || to === undefined) {
    return `${from === undefined ? importer : imported} is on no floor`;
  }
  if (from === to || NEIGHBOURS.has(`${from} -> ${to}`)) return undefined;
  const climb = findFloor(to) - findFloor(from);
  if (climb === 0) return "sideways";
  return climb > 0 ? "up" : undefined;
}

function findFloor(member: string): number {
  return FLOORS.findIndex((members) => members.includes(member));
}

function findMember(path: string): string | undefined {
  return FLOORS.flat().find((member) => isIn(path, member));
}

function isIn(path: string, member: string): boolean {
  return path === member || path.startsWith(`${member}/`);
}

function findStrangers(arrows: readonly Arrow[]): string[] {
  return arrows
    .filter(({ importer, imported }) =>
      OUTSIDERS.some(([specifier, home]) =>
        specifier.test(imported) && !isIn(importer, home)
      )
    )
    .map(({ importer, imported }) => `${importer} -> ${imported}`);
}

function callsFetch(text: string): boolean {
  const code = text.replace(
    /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g,
    "",
  );
  return /(?<![\w$.#])fetch\s*\(|\bglobalThis\s*\.\s*fetch\b|(?:\?\?|[=(,])\s*fetch\s*[,;)]/
    .test(code);
}
