/** Every file below a folder, relative to it, in the order of code units. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) found.push(name);
    else {
      const inner = await listFiles(`${folder}/${name}`);
      found.push(...inner.map((path) => `${name}/${path}`));
    }
  }
  return found.sort();
}
