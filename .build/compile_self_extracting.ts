import { fetchDeno } from "./fetch_deno.ts";
import { readBundle } from "./read_bundle.ts";
import { selfExtractingFile } from "./self_extracting_file.ts";
import type { DenoPackage } from "./targets.ts";
import { writeExecutable } from "./write_executable.ts";

/** Where and from what {@linkcode compileSelfExtracting} builds. */
export interface SelfExtractingParts {
  /** For example `linux-x86_64`. */
  readonly name: string;
  readonly deno: DenoPackage;
  /** The folder with the bundled program. */
  readonly bundle: string;
  /** A folder for what is only needed on the way. */
  readonly scratch: string;
}

/**
 * Makes a shell script that carries Deno's executable and the program.
 *
 * @returns the executable's path.
 * @throws UnavailableError or IntegrityError when Deno's executable can't be had
 */
export async function compileSelfExtracting(
  { name, deno, bundle, scratch }: SelfExtractingParts,
  out: string,
): Promise<string> {
  const bytes = await selfExtractingFile({
    target: name,
    machines: deno.machines,
    program: await fetchDeno(deno, scratch),
    files: await readBundle(bundle),
  });
  const path = `${out}/dray-${name}`;
  await writeExecutable(path, bytes);
  return path;
}
