/**
 * A path in an archive in one spelling, from its root: `./a//b` is `a/b`.
 *
 * @param base A folder that the path starts from. Default: the root.
 * @returns undefined for one that leads out.
 */
export function normalizePath(path: string, base = ""): string | undefined {
  if (path.startsWith("/")) return undefined;
  const names = base === "" ? [] : base.split("/");
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.join("/");
}

/** The folder that a path is in; empty for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
