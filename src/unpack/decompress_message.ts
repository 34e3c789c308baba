import type { FileGrowth } from "../io/growing_file.ts";

/** What the thread is told: to decompress a file after those before it, or that a chunk was used. */
export type DecompressRequest =
  | {
    readonly kind: "file";
    readonly job: number;
    readonly path: string;
    /** Whether it is still being written; {@linkcode FileGrowth} follows. */
    readonly grows: boolean;
  }
  | {
    readonly kind: "growth";
    readonly job: number;
    readonly growth: FileGrowth;
  }
  /** Gives the chunk's memory back. */
  | { readonly kind: "used"; readonly memory: ArrayBuffer };

/** What it answers. */
export type DecompressAnswer =
  & { readonly job: number }
  & (
    | { readonly kind: "chunk"; readonly bytes: Uint8Array<ArrayBuffer> }
    | { readonly kind: "end" }
    | {
      readonly kind: "error";
      /** Whether the content is at fault, or reading it. */
      readonly integrity: boolean;
      readonly code: string;
      readonly message: string;
    }
  );

/** Chunks that may be on their way. */
export const MAX_CHUNKS_AHEAD = 4;

/** The largest chunk that {@linkcode DecompressAnswer} has. To wake a thread takes 0.1 ms. */
export const MAX_CHUNK_BYTES: number = 1024 * 1024;
