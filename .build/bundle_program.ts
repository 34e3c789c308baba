import { mustRunProgram } from "./run_program.ts";
import { hideLateImports } from "./late_imports.ts";
import { listFiles } from "./list_files.ts";
import { permissionConfig, ROOT } from "./project.ts";
import { stableNames } from "./stable_names.ts";

const WORKERS = [
  "src/unpack/decompress_worker",
  "src/unpack_image/unpack_worker",
] as const;

/** Where the threads' code is looked for: beside the piece that starts them. */
export const WORKER_FILES: readonly string[] = WORKERS.map((worker) =>
  `${worker.replace(/.*\//, "")}.ts`
);

/**
 * Writes the program as JavaScript to a folder, from `main.js` on, with
 * the permissions that it runs with in a `deno.json`.
 *
 * It stays in pieces, so that a command's code is read only when it runs: `--version` of one
 * large file takes twice as long. Migrations and the hashing worker are text within; the other
 * workers are looked for beside the piece that starts them, under their sources' names.
 *
 * It isn't minified: esbuild writes `using x = f(); g(x)` as `g(f())` then, and nothing is ever
 * disposed; and it would start no faster.
 */
export async function bundleProgram(folder: string): Promise<void> {
  await mustRunProgram(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--code-splitting",
    "--outdir",
    folder,
    "main.ts",
    ...WORKERS.map((worker) => `${worker}.ts`),
  ], { cwd: ROOT });
  for (const [position, worker] of WORKERS.entries()) {
    const file = `${folder}/${WORKER_FILES[position]}`;
    await Deno.writeTextFile(file, `import "./${worker}.js";\n`);
  }
  await Deno.writeTextFile(`${folder}/deno.json`, permissionConfig());
  await finishPieces(folder);
}

/** Neither names nor times tell where and when it was built. */
async function finishPieces(folder: string): Promise<void> {
  const files = new Map<string, string>();
  for (const path of await listFiles(folder)) {
    const text = await Deno.readTextFile(`${folder}/${path}`);
    files.set(path, hideLateImports(text));
    await Deno.remove(`${folder}/${path}`);
  }
  for (const [path, text] of stableNames(files)) {
    await Deno.writeTextFile(`${folder}/${path}`, text);
    await Deno.utime(`${folder}/${path}`, 0, 0);
  }
}
