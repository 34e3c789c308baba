import { mustRunProgram } from "./run_program.ts";
import { hideLateImports } from "./late_imports.ts";
import { listFiles } from "./list_files.ts";
import { mergePieces } from "./merge_pieces.ts";
import { permissionConfig, ROOT } from "./project.ts";
import { stableNames } from "./stable_names.ts";

const WORKERS = [
  "src/unpack/decompress_worker",
  "src/unpack_image/unpack_worker",
] as const;

const EVERY_COMMAND = ["run_command", "settle_arguments", "session"] as const;

/** What is imported late in the course of commands that are to come fast, by stems. */
const TOGETHER = {
  pull: [
    ...EVERY_COMMAND,
    "pull_command",
    "run_pull",
    "file_blobs",
    "record_image",
  ],
  images: [...EVERY_COMMAND, "plain_display", "images_command", "run_images"],
  complete: ["run_complete"],
  look: [...EVERY_COMMAND, "plain_display", "commands", "run_ls", "run_cat"],
  tidy: [...EVERY_COMMAND, "plain_display", "rm_command", "run_rm", "run_df"],
  share: [...EVERY_COMMAND, "plain_display", "run_export", "run_verify"],
};

/** What is there before any command, or instead of one. */
const APART = [
  "main.js",
  "help_text",
  ...WORKERS.map((worker) => `${worker}.js`),
];

/** Where the threads' code is looked for: beside the piece that starts them. */
export const WORKER_FILES: readonly string[] = WORKERS.map((worker) =>
  `${worker.replace(/.*\//, "")}.ts`
);

/**
 * Writes the program as JavaScript to a folder, from `main.js` on, with
 * the permissions that it runs with in a `deno.json`.
 *
 * It stays in pieces, so that a command's code is read only when it runs: `--version` of one
 * large file takes twice as long. Those that are read together anyway are one. Migrations and the
 * hashing worker are text within; the other workers are looked for beside the piece that starts
 * them, under their sources' names.
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
    files.set(path, await Deno.readTextFile(`${folder}/${path}`));
    await Deno.remove(`${folder}/${path}`);
  }
  const merged = await mergePieces(stableNames(files), {
    together: TOGETHER,
    apart: APART,
  });
  const hidden = new Map(
    [...merged].map(([path, text]) => [path, hideLateImports(text)]),
  );
  for (const [path, text] of stableNames(hidden)) {
    await Deno.writeTextFile(`${folder}/${path}`, text);
    await Deno.utime(`${folder}/${path}`, 0, 0);
  }
}
