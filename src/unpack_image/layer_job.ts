import { growingChunks, type GrowingFile } from "../io/growing_file.ts";
import { decompress } from "../unpack/decompress.ts";
import type { Decompressor } from "../unpack/decompressor.ts";
import type { NativeCalls } from "../unpack/native_calls.ts";
import { unpackLayer } from "../unpack/unpack_layer.ts";
import {
  LimitGuard,
  type UnpackCounts,
  type UnpackLimits,
} from "../unpack/unpack_limits.ts";
import { createUnpackTarget } from "../unpack/unpack_target.ts";
import type { LayerForm } from "../store/layout.ts";
import type { ImageLayer } from "../store/image_layers.ts";

/** A layer to unpack into a folder of its own. Another thread can be told of it. */
export interface LayerJob {
  readonly layer: ImageLayer;
  /** Where the compressed bytes are once they are whole. */
  readonly blobPath: string;
  /** A folder that is there, is empty, and that nobody else may enter. */
  readonly root: string;
  readonly whiteouts: LayerForm;
  readonly limits: Partial<UnpackLimits>;
  /** Whether decompressing is to have a thread of its own. Default: false. */
  readonly isPipelined?: boolean;
}

/** How far a job is. */
export interface LayerProgress extends UnpackCounts {
  /** Compressed bytes read. */
  readonly read: number;
}

/** How {@linkcode runLayerJob} runs. */
export interface LayerJobOptions {
  readonly signal: AbortSignal;
  /** Called a few times a second, and at the end. */
  readonly onProgress: (progress: LayerProgress) => void;
  readonly native?: NativeCalls | undefined;
  /** A thread that decompresses. Default: this one. */
  readonly decompressor?: Decompressor | undefined;
}

/** A layer that is unpacked, in the folder that the job says. */
export interface UnpackedTree {
  /** Uncompressed. */
  readonly bytes: number;
  /** Of the sidecar. */
  readonly lines: readonly string[];
  /** Sets what could not be set before the folder was moved to a path. */
  settle(path: string): Promise<void>;
}

const PROGRESS_MS = 100;

/** Unpacks a layer on the thread that calls it. What is in the folder counts only if this returns. */
export async function runLayerJob(
  { layer, blobPath, root, whiteouts, limits }: LayerJob,
  file: GrowingFile,
  { signal, onProgress, native, decompressor }: LayerJobOptions,
): Promise<UnpackedTree> {
  const guard = new LimitGuard(limits);
  let read = 0;
  const tell = (): void => onProgress({ read, ...guard.counts });
  const { digest, diffId, size } = layer;
  const target = createUnpackTarget(root, { whiteouts, native });
  target.tree.startLayer(whiteouts === "overlay");
  const follow = (): AsyncIterable<Uint8Array> =>
    decompress(
      counted(
        growingChunks(file, { wholePath: blobPath, signal }),
        (length) => read += length,
      ),
    );
  const chunks = decompressor?.open(blobPath, size, { file, signal }) ??
    follow();
  const bytes = await unpackLayer(
    { digest, diffId, size, chunks: throttled(chunks, tell) },
    target,
    { guard, signal },
  );
  tell();
  target.tree.folders.finish(root, 0);
  return {
    bytes,
    lines: [...target.log.lines({ layer: digest })],
    settle: (path) => Promise.try(() => target.tree.folders.settle(path)),
  };
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => unknown,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

async function* throttled(
  chunks: AsyncIterable<Uint8Array>,
  tell: () => void,
): AsyncGenerator<Uint8Array> {
  let due = performance.now() + PROGRESS_MS;
  for await (const chunk of chunks) {
    yield chunk;
    const now = performance.now();
    if (now < due) continue;
    due = now + PROGRESS_MS;
    tell();
  }
}
