import { LocalError } from "../errors.ts";
import { localCall } from "./local_error.ts";
import { openRegularFile } from "./open_regular_file.ts";

/** What there is of a file that is being written. */
export interface FileGrowth {
  /** Where it is while it grows; undefined before the first byte, and once it is whole. */
  readonly path: string | undefined;
  /** Bytes that are there from the start on, without a gap. */
  readonly bytes: number;
  /** Whether that is all, and the content is what it should be. */
  readonly isWhole: boolean;
  /** Goes up when what was there turned out to be wrong: it starts again. */
  readonly attempt: number;
}

const NOTHING: FileGrowth = {
  path: undefined,
  bytes: 0,
  isWhole: false,
  attempt: 0,
};
const CHUNK_BYTES = 256 * 1024;

/** A file that one writes while others read along. */
export class GrowingFile {
  #growth: FileGrowth = NOTHING;
  #next = Promise.withResolvers<void>();

  /** One that is there already. */
  static whole(size: number): GrowingFile {
    const file = new GrowingFile();
    file.complete(size);
    return file;
  }

  /** What there is now. */
  get growth(): FileGrowth {
    return this.#growth;
  }

  /** Tells that so many bytes are there; fewer than before, or elsewhere: it started again. */
  grow(path: string, bytes: number): void {
    const before = this.#growth;
    if (before.isWhole || before.path === path && before.bytes === bytes) {
      return;
    }
    const isNew = bytes < before.bytes ||
      before.path !== undefined && before.path !== path;
    const attempt = isNew ? before.attempt + 1 : before.attempt;
    this.#change({ path, bytes, isWhole: false, attempt });
  }

  /** Tells that what was there is wrong. */
  restart(): void {
    const { bytes, attempt, isWhole } = this.#growth;
    if (bytes === 0 || isWhole) return;
    this.#change({ ...NOTHING, attempt: attempt + 1 });
  }

  /** Tells that all of it is there, and checked, in its own place. */
  complete(bytes: number): void {
    const { isWhole, attempt } = this.#growth;
    if (isWhole) return;
    this.#change({ path: undefined, bytes, isWhole: true, attempt });
  }

  /** Takes what another thread says there is. */
  follow({ path, bytes, isWhole }: FileGrowth): void {
    if (isWhole) this.complete(bytes);
    else if (path !== undefined) this.grow(path, bytes);
  }

  /**
   * Tells of each change until the file is whole, starts again, or the signal is aborted.
   * Never rejects.
   *
   * @returns which of them it was.
   */
  async watch(
    tell: (growth: FileGrowth) => void,
    signal: AbortSignal,
  ): Promise<"whole" | "restarted" | "aborted"> {
    const { attempt } = this.#growth;
    for (let growth = this.#growth; growth.attempt === attempt;) {
      if (signal.aborted) return "aborted";
      tell(growth);
      if (growth.isWhole) return "whole";
      const next = this.changed(growth, signal);
      growth = await next.catch(() => growth);
    }
    return "restarted";
  }

  /** What there is as soon as it isn't what it was. */
  async changed(
    before: FileGrowth,
    signal?: AbortSignal,
  ): Promise<FileGrowth> {
    signal?.throwIfAborted();
    if (this.#growth !== before) return this.#growth;
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([this.#next.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    return this.#growth;
  }

  #change(growth: FileGrowth): void {
    this.#growth = growth;
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers<void>();
    resolve();
  }
}

/** How {@linkcode growingChunks} reads. */
export interface GrowingChunksOptions {
  /** Where the file is once it is whole. */
  readonly wholePath: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file from its start to its end while it grows. A chunk is valid until the next one:
 * they share their memory.
 *
 * @throws LocalError `io` where it starts again: what a new attempt brings is not for this reader.
 */
export async function* growingChunks(
  file: GrowingFile,
  { wholePath, signal }: GrowingChunksOptions,
): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  using source = await openGrowing(file, wholePath, signal);
  const { attempt } = file.growth;
  for (let at = 0, growth = file.growth;;) {
    if (growth.attempt !== attempt) throw restarted(wholePath);
    const wanted = Math.min(chunk.length, growth.bytes - at);
    if (wanted === 0) {
      if (growth.isWhole) return;
      growth = await file.changed(growth, signal);
      continue;
    }
    signal?.throwIfAborted();
    const length = await localCall(
      "read",
      wholePath,
      () => source.read(chunk.subarray(0, wanted)),
    );
    if (length === null) throw shortOf(wholePath);
    at += length;
    yield chunk.subarray(0, length);
    growth = file.growth;
  }
}

/** Opens it as soon as there is something to read. A commit may move it at any moment. */
async function openGrowing(
  file: GrowingFile,
  wholePath: string,
  signal: AbortSignal | undefined,
): Promise<Deno.FsFile> {
  for (let growth = file.growth;;) {
    const { path, bytes, isWhole } = growth;
    if (bytes > 0 || isWhole) {
      const growing = path === undefined ? undefined : openRegularFile(path);
      const found = growing ?? openRegularFile(wholePath);
      if (found !== undefined) return found;
      if (isWhole) throw shortOf(wholePath);
    }
    growth = await file.changed(growth, signal);
  }
}

function restarted(path: string): LocalError {
  return new LocalError("io", `Cannot read "${path}": it is written anew`, {
    details: { path },
  });
}

function shortOf(path: string): LocalError {
  return new LocalError("io", `Cannot read "${path}": it ends too early`, {
    details: { path },
  });
}
