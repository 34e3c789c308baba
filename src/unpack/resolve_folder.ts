import { unsafePath } from "./entry_path.ts";
import { lookAt } from "./look_at.ts";

/** As many as Linux follows in one path. */
const MAX_LINKS = 40;

/**
 * Finds a folder of a tree as a process would whose root the tree is, without ever giving the
 * system a path with a link in it: goes down name by name and reads the links itself. An
 * absolute link starts again at the tree's root, and above the root is the root: real images
 * have `var/run -> /run` in one layer and `var/run/x` in the next. What isn't there counts as a
 * folder, as for containerd and umoci.
 *
 * @param root The tree's own path.
 * @param names The folder as asked for.
 * @param make Makes a folder at a path from the root, where there is none; without it, nothing
 * is made.
 * @returns the path from the root, without links; undefined where there is no such folder.
 * @throws IntegrityError `path-unsafe` where links have no end, or a part is no folder.
 */
export function resolveFolder(
  root: string,
  names: readonly string[],
  make?: (rel: string) => void,
): string | undefined {
  const parts = followLinks(root, names);
  for (const { rel, kind } of parts) {
    if (kind === "folder") continue;
    if (make === undefined) return undefined;
    if (kind === "other") {
      throw unsafePath(names.join("/"), "a part of its path is no folder");
    }
    make(rel);
  }
  return parts.at(-1)?.rel ?? "";
}

/** A folder on the way down; its own folder is the one before it. */
interface Part {
  readonly rel: string;
  readonly kind: "folder" | "missing" | "other";
}

function followLinks(root: string, names: readonly string[]): readonly Part[] {
  const asked = names.join("/");
  const todo = names.toReversed();
  const parts: Part[] = [];
  let links = 0;
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      parts.pop();
      continue;
    }
    const above = parts.at(-1);
    const rel = above === undefined ? name : `${above.rel}/${name}`;
    const info = above === undefined || above.kind === "folder"
      ? lookAt(`${root}/${rel}`)
      : undefined;
    if (!info?.isSymlink) {
      parts.push({ rel, kind: kindOf(info) });
      continue;
    }
    if (++links > MAX_LINKS) {
      throw unsafePath(asked, "the links in its path have no end");
    }
    const target = readLink(asked, `${root}/${rel}`);
    if (target.isAbsolute) parts.length = 0;
    todo.push(...target.names.toReversed());
  }
  return parts;
}

function kindOf(info: Deno.FileInfo | undefined): Part["kind"] {
  if (info === undefined) return "missing";
  return info.isDirectory ? "folder" : "other";
}

interface LinkTarget {
  readonly isAbsolute: boolean;
  readonly names: readonly string[];
}

function readLink(asked: string, path: string): LinkTarget {
  const target = Deno.readLinkSync(path);
  if (Deno.build.os !== "windows") {
    return { isAbsolute: target.startsWith("/"), names: target.split("/") };
  }
  // Of a drive or a share: no image has such a thing.
  if (target.includes(":") || target.startsWith("\\\\")) {
    throw unsafePath(asked, "a link in its path leads out of the image");
  }
  return {
    isAbsolute: /^[\\/]/.test(target),
    names: target.split(/[\\/]/),
  };
}
