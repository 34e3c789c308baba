import { readBundle } from "../../.build/read_bundle.ts";
import { bundleProgram } from "../../.build/bundle_program.ts";
import { permissionConfig } from "../../.build/project.ts";
import { selfExtractingFile } from "../../.build/self_extracting_file.ts";

/** Self-extracting files for this machine. */
export interface Executables {
  readonly dray: string;
  /** With a program that does nothing. */
  readonly empty: string;
  /** What a user downloads. */
  readonly drayBytes: number;
}

/** Makes them in a folder, and the bundle in `bundle` below it. */
export async function makeExecutables(folder: string): Promise<Executables> {
  await bundleProgram(`${folder}/bundle`);
  const program = await Deno.readFile(Deno.execPath());
  const make = async (name: string, files: typeof nothing) => {
    const parts = { target: name, machines: "*", program, files };
    const bytes = await selfExtractingFile(parts);
    await Deno.writeFile(`${folder}/${name}`, bytes, { mode: 0o755 });
    return bytes.length;
  };
  const nothing = [
    // Not without a byte: that would be taken for damage.
    { path: "main.js", content: "\n" },
    { path: "deno.json", content: permissionConfig() },
    // A worker's, which the head looks for: without it each run would unpack anew.
    { path: "src/unpack/worker.ts", content: "\n" },
  ];
  await make("empty", nothing);
  return {
    dray: `${folder}/dray`,
    empty: `${folder}/empty`,
    drayBytes: await make("dray", [...await readBundle(`${folder}/bundle`)]),
  };
}
