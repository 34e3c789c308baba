import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** One import: files relative to the repository, or a specifier such as `node:sqlite`. */
export interface Arrow {
  readonly importer: string;
  readonly imported: string;
  /** Whether only types are meant, which no running program reads. Default: false. */
  readonly isTypeOnly?: boolean;
}

/** What `deno info --json` tells, as far as it is read here. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/**
 * Every import in main.ts and src/, reachable or not: one graph, of a file that
 * imports them all. A file that doesn't exist yet is imported all the same.
 */
export async function readArrows(root: string): Promise<Arrow[]> {
  const sources = await listSources(root);
  const dir = await Deno.makeTempDir();
  try {
    const all = `${dir}/all.ts`;
    const lines = sources.map((path) =>
      `import ${JSON.stringify(pathToFileURL(`${root}/${path}`).href)};`
    );
    await Deno.writeTextFile(all, lines.join("\n"));
    const graph = await readGraph(root, all);
    const known = new Set(sources);
    return graph.modules.flatMap((module) =>
      arrowsOf(root, module).filter(({ importer }) => known.has(importer))
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function readGraph(root: string, file: string): Promise<ModuleGraph> {
  const hasConfig = await exists(`${root}/deno.json`);
  const config = hasConfig
    ? ["--config", `${root}/deno.json`]
    : ["--no-config"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", ...config, file],
    env: { NO_COLOR: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  // Sound: the shape of deno info's version 1, and the tests say what is in it.
  return JSON.parse(new TextDecoder().decode(stdout)) as ModuleGraph;
}

function arrowsOf(
  root: string,
  module: ModuleGraph["modules"][number],
): Arrow[] {
  const importer = shorten(root, module.specifier);
  const dependencies = module.dependencies ?? [];
  const read = new Set(dependencies.map(({ code }) => code?.specifier));
  const targets = dependencies
    .flatMap(({ code, type }) => [code?.specifier, type?.specifier])
    .filter((specifier) => specifier !== undefined);
  return [...new Set(targets)].map((target) => {
    const imported = shorten(root, target);
    return read.has(target)
      ? { importer, imported }
      : { importer, imported, isTypeOnly: true };
  });
}

function shorten(root: string, specifier: string): string {
  return specifier.startsWith("file:")
    ? relative(root, fileURLToPath(specifier)).replaceAll("\\", "/")
    : specifier;
}

/** main.ts and all of src/, as far as they exist, relative to the root. */
export async function listSources(root: string): Promise<string[]> {
  const found = await exists(`${root}/main.ts`) ? ["main.ts"] : [];
  const folders = ["src"];
  for (
    let folder = folders.pop();
    folder !== undefined;
    folder = folders.pop()
  ) {
    for await (
      const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)
    ) {
      const path = `${folder}/${name}`;
      if (isDirectory) folders.push(path);
      else if (name.endsWith(".ts")) found.push(path);
    }
  }
  return found.sort();
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
