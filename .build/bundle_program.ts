import { mustRunProgram } from "./run_program.ts";
import { ROOT } from "./project.ts";

const WORKER = "src/unpack/decompress_worker";

/**
 * Writes the program as minified JavaScript to a folder, from `main.js` on.
 *
 * It stays in pieces, so that a command's code is read only when it runs: `--version` of one
 * large file takes twice as long. Migrations and the hashing worker are text within; the
 * decompressing worker is looked for beside the piece that starts it, under its source's name.
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
    `${WORKER}.ts`,
  ], { cwd: ROOT });
  await Deno.writeTextFile(
    `${folder}/decompress_worker.ts`,
    `import "./${WORKER}.js";\n`,
  );
}
