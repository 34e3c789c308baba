import { UnavailableError } from "../../errors.ts";
import type { ByteRange } from "../../io/byte_range.ts";
import type { Digest } from "../../spec/digest.ts";
import type { GrowingBlob } from "./growing_blob.ts";

/** A blob on its way, as {@linkcode followBlob} reads it. */
export interface FollowedBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly growing: GrowingBlob;
  /** Resolves once the blob is whole and verified; rejects where it won't be. */
  readonly done: Promise<unknown>;
  /** Opens its file, wherever it is by now. */
  readonly open: () => Deno.FsFile;
  /** Nobody reads any more. */
  readonly leave: () => void;
}

const PIECE_BYTES = 256 * 1024;
/** Of the blob's end, until the digest is known: nobody is to take wrong bytes for the whole. */
const HELD_BACK_BYTES = 4096;

/**
 * Streams a part of a blob while it is on its way into the store. What has come is sent at once;
 * the last of it only when the blob is verified. Where bytes that were sent turn out to be wrong
 * the stream fails.
 */
export function followBlob(
  blob: FollowedBlob,
  { start, end }: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { digest, growing, size } = blob;
  const heldBack = end < size ? 0 : HELD_BACK_BYTES;
  let isDone = false;
  let isClosed = false;
  const done = blob.done.then(() => void (isDone = true));
  done.catch(() => {});
  let at = start;
  let file: Deno.FsFile | undefined;
  let generation = growing.generation;

  const close = (): void => {
    isClosed = true;
    file?.close();
    file = undefined;
    blob.leave();
  };
  const readable = async (): Promise<number> => {
    for (;;) {
      if (isDone) return end - at;
      if (growing.generation !== generation) {
        if (at > start) throw spoilt(digest);
        generation = growing.generation;
        file?.close();
        file = undefined;
      }
      const free = Math.min(growing.readable(at), end - heldBack - at);
      if (free > 0) return free;
      await Promise.race([done, growing.changed]);
    }
  };
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: PIECE_BYTES,
    async pull(controller): Promise<void> {
      const view = controller.byobRequest?.view;
      if (view === null || view === undefined) return;
      try {
        const length = Math.min(view.byteLength, await readable());
        // The client has gone meanwhile: nobody would close the file.
        if (isClosed) return;
        file ??= openAt(blob, at);
        const piece = new Uint8Array(view.buffer, view.byteOffset, length);
        const count = await file.read(piece);
        if (count === null) throw spoilt(digest);
        at += count;
        controller.byobRequest?.respond(count);
        if (at < end) return;
        close();
        controller.close();
      } catch (error) {
        close();
        throw error;
      }
    },
    cancel: close,
  });
}

function openAt({ open }: FollowedBlob, at: number): Deno.FsFile {
  const file = open();
  file.seekSync(at, Deno.SeekMode.Start);
  return file;
}

function spoilt(digest: Digest): UnavailableError {
  return new UnavailableError(
    "server-error",
    `Cannot go on with blob "${digest}": what came of it was wrong`,
    { details: { digest } },
  );
}
