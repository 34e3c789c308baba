import { guardLocal, localCall } from "./local_error.ts";
import { removeIfThere } from "./open_regular_file.ts";

/** Options of {@linkcode writeFileAtomic}. */
export interface WriteFileAtomicOptions {
  /** Default true: the bytes and the name survive a power loss once this resolves. */
  readonly sync?: boolean;
}

/**
 * Writes a file so that a reader, or a crash at any moment, sees the old content or the new one.
 * The caller holds whatever lock keeps two writers of this path apart.
 *
 * @throws LocalError when the disk is full or the folder not writable.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array,
  { sync = true }: WriteFileAtomicOptions = {},
): Promise<void> {
  using file = openTemporary(path);
  try {
    guardLocal("write", path, () => writeAllSync(file, bytes));
    if (sync) await localCall("sync", path, () => file.syncData());
    guardLocal("replace", path, () => Deno.renameSync(`${path}.tmp`, path));
  } catch (error) {
    removeIfThere(`${path}.tmp`);
    throw error;
  }
  if (sync) await syncDir(parentOf(path));
}

/** The same without waiting for the disk: safe from a crash of the program, not of the machine. */
export function replaceFileSync(path: string, bytes: Uint8Array): void {
  using file = openTemporary(path);
  guardLocal("write", path, () => {
    writeAllSync(file, bytes);
    Deno.renameSync(`${path}.tmp`, path);
  });
}

function openTemporary(path: string): Deno.FsFile {
  const temporary = `${path}.tmp`;
  // What a crash left, or a link that somebody planted: exclusive creation follows neither.
  removeIfThere(temporary);
  return guardLocal(
    "write",
    path,
    () => Deno.openSync(temporary, { write: true, createNew: true }),
  );
}

/** Writes all of the bytes at the file's position. */
export function writeAllSync(file: Deno.FsFile, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    written += file.writeSync(bytes.subarray(written));
  }
}

/** Makes the names in a folder survive a power loss. Windows has no such call and needs none. */
export async function syncDir(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  await localCall("sync", path, async () => {
    using folder = Deno.openSync(path);
    await folder.sync();
  });
}

/** The folder that a path is in; `.` for a name alone. */
export function parentOf(path: string): string {
  const end = path.search(/[/\\][^/\\]*[/\\]*$/);
  return end < 0 ? "." : path.slice(0, Math.max(end, 1));
}
