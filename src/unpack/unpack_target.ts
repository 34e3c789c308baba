import { Attributes, type Creator } from "./attributes.ts";
import { FileTree } from "./file_tree.ts";
import { MetadataLog } from "./metadata_log.ts";
import type { NativeCalls } from "./native_calls.ts";
import { loadNodeFs, type NodeFs } from "./node_fs.ts";
import { probeCreator } from "./probe_creator.ts";
import type { WhiteoutForm } from "./whiteout_form.ts";

/** A tree that is being unpacked, and how. */
export interface UnpackTarget {
  readonly tree: FileTree;
  readonly log: MetadataLog;
  readonly fs: NodeFs;
  readonly native?: NativeCalls | undefined;
  readonly whiteouts: WhiteoutForm;
}

/** How {@linkcode createUnpackTarget} sets it up. */
export interface UnpackTargetOptions {
  readonly whiteouts: WhiteoutForm;
  readonly native?: NativeCalls | undefined;
  /** Whose files they become. Default: whose a file becomes that is made to find out. */
  readonly creator?: Creator | undefined;
}

/**
 * Begins a tree in a folder that is there, is empty, and that nobody else may enter.
 *
 * @param root The folder, links in its path resolved.
 */
export function createUnpackTarget(
  root: string,
  { whiteouts, native, creator = probeCreator(root) }: UnpackTargetOptions,
): UnpackTarget {
  const fs = loadNodeFs();
  const log = new MetadataLog();
  const attributes = new Attributes({ fs, log, creator, native });
  const tree = new FileTree(root, attributes, log);
  return { tree, log, fs, native, whiteouts };
}
