import { exportsOf, handOn, redirect, uniqueName } from "./piece_exports.ts";
import { mustRunProgram } from "./run_program.ts";

/** What {@linkcode mergePieces} goes by. */
export interface MergeOptions {
  /**
   * By a name, the stems of pieces that are imported late in the course of something that is to
   * come fast. Pieces that the same of these need become one; each still reads no other.
   */
  readonly together: Readonly<Record<string, readonly string[]>>;
  /** Stems, or files, whose pieces stay as they are. */
  readonly apart: readonly string[];
}

type Files = ReadonlyMap<string, string>;

/** Its own hash is given to a piece later, as to all. */
const NO_HASH = "AAAAAAAA";
/** Where late imports go while the bundler looks, which would follow them. */
const LATE = "./late/";
const LATE_IMPORT = /\bimport\("\.\//g;
const STATIC_IMPORT = /(?:from|^import) "\.[./]*\/([^"/]+\.js)"/gm;

/**
 * Makes one piece of those that are read together anyway: of the ninety small ones of a pull most
 * of the time goes into finding each.
 *
 * @param files Pieces by name, as the bundler writes them with code splitting.
 */
export async function mergePieces(
  files: Files,
  options: MergeOptions,
): Promise<Files> {
  let left = files;
  for (const [stem, names] of groupPieces(files, options)) {
    left = await mergeGroup(left, names, `${stem}-${NO_HASH}.js`);
  }
  return left;
}

/** Pieces by the names of those who need them, joined. */
function groupPieces(
  files: Files,
  { together, apart }: MergeOptions,
): ReadonlyMap<string, readonly string[]> {
  const kept = findNeeded(files, apart);
  const groups = new Map<string, string[]>();
  const needs = Object.entries(together).map(([who, stems]) =>
    [who, findNeeded(files, stems)] as const
  );
  for (const name of [...files.keys()].sort()) {
    const stem = needs.filter(([, needed]) => needed.has(name))
      .map(([who]) => who).join("_");
    if (stem === "" || kept.has(name)) continue;
    groups.set(stem, [...groups.get(stem) ?? [], name]);
  }
  return groups;
}

async function mergeGroup(
  files: Files,
  merged: readonly string[],
  target: string,
): Promise<Files> {
  const piece = await bundleTogether(files, merged);
  const rest = [...files].filter(([name]) => !merged.includes(name))
    .map(([name, text]) => [name, redirect(text, merged, target)] as const);
  // Whoever imports one of them late still finds a file that hands it on.
  const late = findLate([...rest.map(([, text]) => text), piece]);
  const facades = merged.filter((name) => late.has(name)).map((name) =>
    [name, handOn(name, textOf(files, name), target)] as const
  );
  return new Map([...rest, ...facades, [target, piece]]);
}

/** Files, or those with a stem, and all that they import at once. */
function findNeeded(
  files: Files,
  from: readonly string[],
): ReadonlySet<string> {
  const needed = new Set(
    [...files.keys()].filter((name) =>
      from.includes(name) || from.includes(stemOf(name))
    ),
  );
  for (const name of needed) {
    const imports = textOf(files, name).matchAll(STATIC_IMPORT);
    for (const [, imported = ""] of imports) needed.add(imported);
  }
  return needed;
}

/** The pieces that texts import late. */
function findLate(texts: readonly string[]): ReadonlySet<string> {
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\bimport\("\.\/([^"]+)"/g)]
        .map(([, name = ""]) => name)
    ),
  );
}

async function bundleTogether(
  files: Files,
  merged: readonly string[],
): Promise<string> {
  const scratch = await Deno.makeTempDir({ prefix: "dray-merge-" });
  try {
    await writeMerged(files, merged, scratch);
    const others = [...files.keys()].filter((name) => !merged.includes(name));
    await mustRunProgram(Deno.execPath(), [
      "bundle",
      "--quiet",
      ...others.map((name) => `--external=./${name}`),
      `--external=${LATE}*`,
      "--output=merged.js",
      "entry.js",
    ], { cwd: scratch });
    const text = await Deno.readTextFile(`${scratch}/merged.js`);
    return text.replaceAll(`import("${LATE}`, 'import("./');
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** The pieces, and a file that has all their exports. */
async function writeMerged(
  files: Files,
  merged: readonly string[],
  folder: string,
): Promise<void> {
  const entry = merged.map((name) => {
    const exported = exportsOf(textOf(files, name))
      .map((one) => `${one} as ${uniqueName(name, one)}`);
    return `export { ${exported.join(", ")} } from "./${name}";\n`;
  });
  await Deno.writeTextFile(`${folder}/entry.js`, entry.join(""));
  for (const name of merged) {
    const text = textOf(files, name).replaceAll(LATE_IMPORT, `import("${LATE}`);
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

function stemOf(name: string): string {
  return name.replace(/-[A-Z0-9]{8}\.js$/, "");
}

function textOf(files: Files, name: string): string {
  const text = files.get(name);
  if (text === undefined) throw new RangeError(`No "${name}" in the bundle`);
  return text;
}
