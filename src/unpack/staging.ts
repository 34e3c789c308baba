import { LocalError } from "../errors.ts";
import { openLock } from "../io/file_lock.ts";
import { localCall, toLocalError } from "../io/local_error.ts";
import { lookAt } from "./look_at.ts";
import { removeTree } from "./remove_tree.ts";

/** A private folder that becomes the target when it is whole; disposing removes what is left. */
export interface Staging extends AsyncDisposable {
  /** Where to unpack to. */
  readonly root: string;
  /** Where it is going to be, links resolved. */
  readonly target: string;
  /**
   * Folders of this depth and above must stay open to their owner until after
   * {@linkcode commit}, which moves them: 0 is the root.
   */
  readonly movedDepth: 0 | 1;
  /** Puts it in the target's place. @throws LocalError where something else came there. */
  commit(): void;
}

const MARK = ".dray-unpack-";

/**
 * Makes a staging folder for a target that is not there or is an empty folder: beside it, or
 * inside of it where it is there (it may be a mount). What a crash left is removed first.
 *
 * @throws LocalError `folder-not-empty`, or what the system says.
 */
export async function openStaging(folder: string): Promise<Staging> {
  const target = tidyPath(folder);
  return await localCall("unpack into", target, async () => {
    const there = await findTarget(target);
    const place = there ?? await makeParent(target);
    const base = there === undefined ? target.replace(/^.*\//, "") : "";
    const prefix = `${there === undefined ? `.${base}` : ""}${MARK}`;
    await removeLeftovers(place, prefix);
    const outer = await Deno.makeTempDir({ dir: place, prefix });
    // Not by the umask: nobody else may change what is here between a look and its use.
    await Deno.chmod(outer, 0o700);
    const lock = await openLock(`${outer}/lock`);
    await Deno.mkdir(`${outer}/root`, { mode: 0o700 });
    return staging(
      outer,
      there ?? `${place}/${base}`,
      there !== undefined,
      lock,
    );
  });
}

function staging(
  outer: string,
  target: string,
  there: boolean,
  lock: AsyncDisposable,
): Staging {
  const root = `${outer}/root`;
  return {
    root,
    target,
    movedDepth: there ? 1 : 0,
    commit: () => {
      try {
        if (there) moveContent(root, target, outer);
        else Deno.renameSync(root, target);
      } catch (error) {
        throw isTaken(error)
          ? notEmpty(target)
          : toLocalError(error, "unpack into", target);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await lock[Symbol.asyncDispose]();
      removeTree(outer);
    },
  };
}

function moveContent(root: string, target: string, outer: string): void {
  const staged = outer.slice(target.length + 1);
  for (const { name } of Deno.readDirSync(target)) {
    if (name !== staged) throw notEmpty(target);
  }
  for (const { name } of [...Deno.readDirSync(root)]) {
    Deno.renameSync(`${root}/${name}`, `${target}/${name}`);
  }
  // Before the target gets the time that the image says.
  removeTree(outer);
}

/** The folder that is there, which the user may have named by a link. */
async function findTarget(target: string): Promise<string | undefined> {
  if (lookAt(target) === undefined) return undefined;
  const path = await Deno.realPath(target);
  const info = await Deno.lstat(path);
  if (!info.isDirectory) {
    throw new LocalError(
      "io",
      `Cannot unpack into "${target}": it is no folder`,
    );
  }
  for await (const { name } of Deno.readDir(path)) {
    if (!name.startsWith(MARK)) throw notEmpty(target);
  }
  return path;
}

async function makeParent(target: string): Promise<string> {
  const parent = target.includes("/")
    ? target.replace(/\/[^/]*$/, "") || "/"
    : ".";
  await Deno.mkdir(parent, { recursive: true });
  return await Deno.realPath(parent);
}

/** Without a slash or a dot at its end, so that its last part is its name. */
function tidyPath(path: string): string {
  const slashes = Deno.build.os === "windows"
    ? path.replaceAll("\\", "/")
    : path;
  return slashes.replace(/(?<=.)(\/\.?)+$/, "");
}

/** A folder whose lock can be had belongs to nobody any more. */
async function removeLeftovers(dir: string, prefix: string): Promise<void> {
  for (const { name, isDirectory } of [...Deno.readDirSync(dir)]) {
    if (!isDirectory || !name.startsWith(prefix)) continue;
    try {
      await using _lock = await openLock(`${dir}/${name}/lock`, {
        signal: AbortSignal.abort(),
      });
      removeTree(`${dir}/${name}`);
    } catch {
      // Somebody's that is at work, or not ours: either way it is left alone.
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Deno.errors.AlreadyExists ||
    error instanceof Error && /not empty|ENOTEMPTY/i.test(error.message);
}

function notEmpty(target: string): LocalError {
  return new LocalError(
    "folder-not-empty",
    `Cannot unpack into "${target}": the folder is not empty`,
    { hint: "name a folder that is empty or not there", details: { target } },
  );
}
