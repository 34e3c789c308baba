import { toLocalError } from "../io/local_error.ts";

/** The folder of the demo's store. */
export interface DemoDir extends AsyncDisposable {
  readonly path: string;
}

/**
 * The folder that the user names, which stays, or else a temporary one, which
 * is deleted at the end.
 *
 * @throws LocalError where none can be made.
 */
export async function openDemoDir(named: string | undefined): Promise<DemoDir> {
  if (named !== undefined) {
    return {
      path: named,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const path = await makeTempDir();
  return {
    path,
    async [Symbol.asyncDispose](): Promise<void> {
      await Deno.remove(path, { recursive: true });
    },
  };
}

async function makeTempDir(): Promise<string> {
  try {
    return await Deno.makeTempDir({ prefix: "dray-demo-" });
  } catch (error) {
    throw toLocalError(error, "create", "a temporary folder");
  }
}
