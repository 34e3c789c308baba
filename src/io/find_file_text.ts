import { LocalError } from "../errors.ts";
import { localCall } from "./local_error.ts";

/** What people configure has a few entries; a file that is larger is something else. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** The text of a small file; undefined where there is none. */
export function findFileText(path: string): Promise<string | undefined> {
  return localCall("read", path, async () => {
    try {
      const { size } = await Deno.stat(path);
      if (size > MAX_FILE_BYTES) {
        throw new LocalError(
          "io",
          `Cannot read "${path}": ${size} bytes are too many for it`,
        );
      }
      return await Deno.readTextFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  });
}
