import { digestOf } from "../testing/test_bytes.ts";

/** What {@linkcode snapshotTree} looks at besides names, types and contents. */
export interface SnapshotOptions {
  /** Default: true. */
  readonly owners?: boolean;
  /** Default: true. */
  readonly times?: boolean;
  /** Of folders too. Default: the same as `times`. */
  readonly folderTimes?: boolean;
}

/** A line for each entry below a folder, and for the folder itself, links not followed. */
export function snapshotTree(
  root: string,
  options: SnapshotOptions = {},
): readonly string[] {
  const { owners = true, times = true, folderTimes = times } = options;
  const inodes = new Map<number, string>();
  const lines: string[] = [];
  const visit = (rel: string): void => {
    const path = rel === "" ? root : `${root}/${rel}`;
    const info = Deno.lstatSync(path);
    const mtime = Math.floor((info.mtime?.getTime() ?? 0) / 1000);
    const timed = info.isDirectory ? folderTimes : times;
    lines.push([
      rel || ".",
      kindAndContent(path, info, rel, inodes),
      info.isSymlink ? "" : ((info.mode ?? 0) & 0o7777).toString(8),
      owners ? `${info.uid}:${info.gid}` : "",
      timed ? mtime : "",
    ].join(" "));
    if (!info.isDirectory) return;
    for (const name of [...Deno.readDirSync(path)].map((e) => e.name).sort()) {
      visit(rel === "" ? name : `${rel}/${name}`);
    }
  };
  visit("");
  return lines;
}

function kindAndContent(
  path: string,
  info: Deno.FileInfo,
  rel: string,
  inodes: Map<number, string>,
): string {
  if (info.isDirectory) return "folder";
  const twin = info.ino === null ? undefined : inodes.get(info.ino);
  if ((info.nlink ?? 1) > 1 && twin !== undefined) return `same as ${twin}`;
  if (info.ino !== null) inodes.set(info.ino, rel);
  if (info.isSymlink) return `link to ${Deno.readLinkSync(path)}`;
  if (!info.isFile) return `device ${info.rdev}`;
  return `file ${info.size} ${digestOf(Deno.readFileSync(path)).slice(7, 19)}`;
}
