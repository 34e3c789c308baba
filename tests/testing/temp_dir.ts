/** A folder that is removed at the end of the scope. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** Joins names to the folder's path. */
  join(...names: readonly string[]): string;
}

/** Makes a temporary folder: `await using dir = await tempDir()`. */
export async function tempDir(prefix = "dray-test-"): Promise<TempDir> {
  const path = await Deno.makeTempDir({ prefix });
  return {
    path,
    join: (...names) => [path, ...names].join("/"),
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}
