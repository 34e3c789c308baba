/** All paths below a folder with their sizes and times of change, sorted; none for no folder. */
export function listTree(dir: string, prefix = ""): readonly string[] {
  let entries: readonly Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(dir)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return entries.flatMap(({ name, isDirectory }) => {
    const path = `${dir}/${name}`;
    const info = Deno.lstatSync(path);
    // Of a folder the names in it say enough.
    const facts = isDirectory ? "" : `${info.size} ${info.mtime?.toJSON()}`;
    const line = `${prefix}${name} ${facts}`;
    return isDirectory ? [line, ...listTree(path, `${prefix}${name}/`)] : line;
  }).sort();
}
