import { guardLocal } from "./local_error.ts";
import { removeIfThere } from "./open_regular_file.ts";

/**
 * A file for reading and writing that has no name any more, so that nothing is left of it however
 * the program ends.
 *
 * @param folder Where its bytes are to be.
 * @throws LocalError when the folder is not writable.
 */
export function openUnnamedFile(folder: string): Deno.FsFile {
  const path = `${folder}/unnamed-${crypto.randomUUID()}`;
  const file = guardLocal("write", path, () =>
    Deno.openSync(path, {
      read: true,
      write: true,
      createNew: true,
      mode: 0o600,
    }));
  try {
    removeIfThere(path);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
