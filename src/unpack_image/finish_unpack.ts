import { syncDir } from "../io/atomic_file.ts";
import type { NativeCalls } from "../unpack/native_calls.ts";
import type { Staging } from "../unpack/staging.ts";
import { syncTree } from "../unpack/sync_tree.ts";
import { writeMetadata } from "./write_metadata.ts";

/** What is left to do when all is unpacked. */
export interface FinishOptions {
  /** Lines of the sidecar. */
  readonly lines: readonly string[];
  readonly sync: boolean;
  readonly native?: NativeCalls | undefined;
  /** Sets what could not be set before the tree was moved. */
  readonly settle: (target: string) => void | Promise<void>;
}

/** Puts what was unpacked in its place. @returns the path of the sidecar, if there is one. */
export async function finishUnpack(
  staging: Staging,
  { lines, sync, native, settle }: FinishOptions,
): Promise<string | undefined> {
  if (sync) await syncTree(staging.root, native);
  const metadataPath = await writeMetadata(staging.target, lines, sync);
  staging.commit();
  await settle(staging.target);
  if (sync) await syncDir(staging.target.replace(/\/[^/]*$/, "") || "/");
  return metadataPath;
}
