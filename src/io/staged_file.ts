import { syncDir } from "./atomic_file.ts";
import { guardLocal, localCall } from "./local_error.ts";
import { removeIfThere } from "./open_regular_file.ts";
import { PositionalWriter } from "./positional_writer.ts";
import { WriteBack } from "./write_back.ts";

/** A file that is written aside and appears under its name when it is whole; disposing removes it. */
export interface StagedFile extends AsyncDisposable {
  /** Takes the next bytes; they may be reused once this resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts it in its place, over a file that is there. */
  commit(): Promise<void>;
}

/** Options of {@linkcode openStagedFile}. */
export interface StagedFileOptions {
  /** Default true: bytes and name survive a power loss once the commit resolves. */
  readonly sync?: boolean;
  /** Default as `sync`. False where the caller syncs the folder, once for many files. */
  readonly syncName?: boolean;
  /** Part of the name while it is written: `.NAME.MARK-…`. */
  readonly mark: string;
}

/**
 * Starts to write a file beside the place where it is to be. What a crash left of an earlier
 * attempt at the same name is removed first.
 *
 * @throws LocalError, naming `path`, when the folder is not there or not writable.
 */
export function openStagedFile(
  path: string,
  { sync = true, syncName = sync, mark }: StagedFileOptions,
): StagedFile {
  const { folder, name } = splitPath(path);
  const prefix = `.${name}.${mark}-`;
  removeAbandoned(folder, prefix);
  const temporary = `${folder}/${prefix}${crypto.randomUUID()}`;
  const file = guardLocal(
    "write",
    path,
    () => Deno.openSync(temporary, { write: true, createNew: true }),
  );
  const writer = new PositionalWriter(file);
  const writeBack = new WriteBack(file, { enabled: sync });
  let offset = 0;
  let isOpen = true;
  // Tells others that somebody is at work on it.
  file.tryLockSync(true);
  return {
    write: async (bytes) => {
      await localCall("write", path, () => writer.writeAt(offset, bytes));
      offset += bytes.length;
      writeBack.wrote(bytes.length);
    },
    commit: async () => {
      await localCall("sync", path, () => writeBack.finish());
      guardLocal("write", path, () => Deno.renameSync(temporary, path));
      file.close();
      isOpen = false;
      if (syncName) await syncDir(folder);
    },
    [Symbol.asyncDispose]: async () => {
      if (!isOpen) return;
      isOpen = false;
      await writeBack.stop();
      file.close();
      removeIfThere(temporary);
    },
  };
}

/** A file whose lock can be had belongs to nobody any more. */
function removeAbandoned(folder: string, prefix: string): void {
  for (const { name, isFile } of listFolder(folder)) {
    if (!isFile || !name.startsWith(prefix)) continue;
    try {
      using file = Deno.openSync(`${folder}/${name}`, { write: true });
      if (file.tryLockSync(true)) Deno.removeSync(`${folder}/${name}`);
    } catch {
      // Gone by now, or not ours: either way it is left alone.
    }
  }
}

function listFolder(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    // One that may be written but not listed is fine; one that isn't there fails at the open.
    return [];
  }
}

function splitPath(path: string): { folder: string; name: string } {
  const isWindows = Deno.build.os === "windows";
  const slash = Math.max(
    path.lastIndexOf("/"),
    isWindows ? path.lastIndexOf("\\") : -1,
  );
  if (slash < 0) return { folder: ".", name: path };
  return { folder: path.slice(0, slash) || "/", name: path.slice(slash + 1) };
}
