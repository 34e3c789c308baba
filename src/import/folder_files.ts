import { LocalError } from "../errors.ts";
import { guardLocal, localCall } from "../io/local_error.ts";
import { normalizePath } from "./archive_path.ts";
import { fileChunks } from "./file_chunks.ts";
import type { ImageFile, ImageFiles } from "./image_files.ts";

/** A layout that lies in a folder, or an archive that somebody has unpacked. */
export function folderFiles(dir: string, signal?: AbortSignal): ImageFiles {
  return {
    name: dir,
    find: (path) => {
      const normal = normalizePath(path);
      if (normal === undefined || normal === "") return undefined;
      return findFile(`${dir}/${normal}`, signal);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function findFile(
  path: string,
  signal: AbortSignal | undefined,
): ImageFile | undefined {
  const info = guardLocal("read", path, () => {
    try {
      return Deno.statSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (error instanceof Deno.errors.NotADirectory) return undefined;
      throw error;
    }
  });
  if (info === undefined) return undefined;
  if (!info.isFile) {
    throw new LocalError("io", `Cannot read "${path}": it is no regular file`, {
      details: { path },
    });
  }
  const { size } = info;
  return {
    size,
    async *chunks() {
      using file = await localCall("read", path, () => Deno.open(path));
      yield* fileChunks(file, { offset: 0, size }, { path, signal });
    },
  };
}
