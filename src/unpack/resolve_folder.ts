import { unsafePath } from "./entry_path.ts";
import { lookAt } from "./look_at.ts";

const MAX_LINKS = 40;

/**
 * Finds a folder of a tree without ever giving the system a path with a link in it: goes down
 * name by name, and reads the links of the tree that stay within it.
 *
 * @param root The tree's own path.
 * @param names The folder as asked for.
 * @param make Makes a folder at a path from the root, where there is none; without it, nothing
 * is made.
 * @returns the path from the root, without links; undefined where there is no such folder.
 * @throws IntegrityError `path-unsafe` where a link is absolute or leads out of the tree.
 */
export function resolveFolder(
  root: string,
  names: readonly string[],
  make?: (rel: string) => void,
): string | undefined {
  const asked = names.join("/");
  const todo = names.toReversed();
  const at: string[] = [];
  let links = 0;
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (at.pop() === undefined) throw leadsOut(asked);
      continue;
    }
    const rel = [...at, name].join("/");
    const path = `${root}/${rel}`;
    const info = lookAt(path);
    if (info?.isSymlink) {
      const target = Deno.readLinkSync(path);
      if (isAbsolute(target) || ++links > MAX_LINKS) throw leadsOut(asked);
      todo.push(...target.split("/").toReversed());
      continue;
    }
    if (!info?.isDirectory && make === undefined) return undefined;
    if (info === undefined) make?.(rel);
    else if (!info.isDirectory) {
      throw unsafePath(asked, "a part of its path is no folder");
    }
    at.push(name);
  }
  return at.join("/");
}

function isAbsolute(target: string): boolean {
  return target.startsWith("/") ||
    Deno.build.os === "windows" && /^(\\|[a-z]:)/i.test(target);
}

function leadsOut(path: string): Error {
  return unsafePath(path, "a link in its path leads out of the image");
}
