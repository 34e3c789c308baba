import { createHasher } from "../../src/io/hash.ts";
import type { Creator } from "../../src/unpack/attributes.ts";
import type { NativeCalls } from "../../src/unpack/native_calls.ts";
import { unpackLayer } from "../../src/unpack/unpack_layer.ts";
import {
  LimitGuard,
  type UnpackLimits,
} from "../../src/unpack/unpack_limits.ts";
import {
  createUnpackTarget,
  type UnpackTarget,
} from "../../src/unpack/unpack_target.ts";
import type { WhiteoutForm } from "../../src/unpack/whiteout_form.ts";

/** How {@linkcode unpackTars} unpacks. */
export interface UnpackTarsOptions {
  readonly whiteouts?: WhiteoutForm;
  readonly limits?: Partial<UnpackLimits>;
  readonly native?: NativeCalls;
  readonly creator?: Creator;
}

/** Unpacks archives as the layers of one tree, lowest first, into a folder that is made. */
export async function unpackTars(
  root: string,
  tars: readonly Uint8Array[],
  { whiteouts = "apply", limits = {}, native, creator }: UnpackTarsOptions = {},
): Promise<UnpackTarget> {
  await Deno.mkdir(root, { mode: 0o700 });
  const target = createUnpackTarget(root, { whiteouts, native, creator });
  const guard = new LimitGuard(limits);
  for (const [position, tar] of tars.entries()) {
    target.tree.startLayer(position > 0 || whiteouts === "overlay");
    const hasher = createHasher("sha256");
    hasher.update(tar);
    await unpackLayer(
      { diffId: hasher.digest(), size: tar.length, chunks: chunksOf(tar) },
      target,
      { guard },
    );
  }
  target.tree.folders.finish(target.tree.root, 0);
  target.tree.folders.settle(root);
  return target;
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) {
    yield bytes.subarray(at, at + 1000);
  }
}
