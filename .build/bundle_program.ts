import { mustRunProgram } from "./run_program.ts";
import { ROOT } from "./project.ts";

const WORKERS = [
  "src/unpack/decompress_worker",
  "src/unpack_image/unpack_worker",
] as const;

/** Where the threads' code is looked for: beside the piece that starts them. */
export const WORKER_FILES: readonly string[] = WORKERS.map((worker) =>
  `${worker.replace(/.*\//, "")}.ts`
);

/**
 * Writes the program as minified JavaScript to a folder, from `main.js` on.
 *
 * It stays in pieces, so that a command's code is read only when it runs: `--version` of one
 * large file takes twice as long. Migrations and the hashing worker are text within; the other
 * workers are looked for beside the piece that starts them, under their sources' names.
 */
export async function bundleProgram(folder: string): Promise<void> {
  await mustRunProgram(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--minify",
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
}
