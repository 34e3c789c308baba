import { guardLocal } from "../io/local_error.ts";

/**
 * Whether an index.json is there and is an index. It is replaced whole, so its two ends tell
 * enough of one that dray wrote; only another form is parsed.
 *
 * @throws LocalError `permission-denied` or `io` when it can't be read.
 */
export function isIndexJson(path: string): boolean {
  const text = readText(path);
  if (text === undefined) return false;
  if (text.startsWith('{"schemaVersion":2,') && text.endsWith("]}")) {
    return true;
  }
  try {
    return Array.isArray(JSON.parse(text)?.manifests);
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  return guardLocal("read", path, () => {
    try {
      return Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  });
}
