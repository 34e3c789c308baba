import { posix } from "node:path";
import { listFiles } from "./list_files.ts";

/**
 * The test files that import a file, be it through others of the folder.
 *
 * @param folder Where the tests are.
 * @param path Of the file, relative to the folder.
 * @returns Paths relative to the folder, sorted.
 */
export async function findTestsOf(
  folder: string,
  path: string,
): Promise<readonly string[]> {
  const importers = await readImporters(folder);
  const found = new Set([path]);
  // A set hands out what is added while it is walked.
  for (const file of found) {
    for (const importer of importers.get(file) ?? []) found.add(importer);
  }
  return [...found].filter((file) => file.endsWith("_test.ts")).sort();
}

async function readImporters(
  folder: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const importers = new Map<string, string[]>();
  for (const file of await listFiles(folder)) {
    if (!file.endsWith(".ts")) continue;
    const text = await Deno.readTextFile(`${folder}/${file}`);
    for (const [, specifier = ""] of text.matchAll(/ from "(\.[^"]+)"/g)) {
      const imported = posix.join(posix.dirname(file), specifier);
      importers.set(imported, [...importers.get(imported) ?? [], file]);
    }
  }
  return importers;
}
