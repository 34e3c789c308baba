import { listFiles } from "./list_files.ts";

/** A file of the bundled program. */
export interface BundleFile {
  /** Relative to the bundle's folder. */
  readonly path: string;
  readonly content: string;
}

/** Every file of the folder that `bundleProgram` has written. */
export async function readBundle(
  folder: string,
): Promise<readonly BundleFile[]> {
  const files: BundleFile[] = [];
  for (const path of await listFiles(folder)) {
    const content = await Deno.readTextFile(`${folder}/${path}`);
    files.push({ path, content });
  }
  return files;
}
