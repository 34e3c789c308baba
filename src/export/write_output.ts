import { LocalError } from "../errors.ts";
import { guardLocal, localCall } from "../io/local_error.ts";
import { openStagedFile } from "../io/staged_file.ts";

/** Where an archive goes: a path, or a stream. */
export type ExportTarget = string | WritableStream<Uint8Array>;

/** Options of {@linkcode writeOutput}. */
export interface WriteOutputOptions {
  readonly sync: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Part of the names of files and folders that are being written. */
export const EXPORT_MARK = "dray-export";

/**
 * Writes an archive: to a file, which appears when it is whole, or to a stream.
 *
 * @param chunks Each is valid until the next one.
 * @returns how many bytes there are.
 */
export async function writeOutput(
  target: ExportTarget,
  chunks: AsyncIterable<Uint8Array>,
  options: WriteOutputOptions,
): Promise<number> {
  if (typeof target !== "string") {
    return await writeStream(target, chunks, options);
  }
  const place = findPlace(target);
  if (place.kind === "device") return await writeDevice(target, chunks);
  await using file = openStagedFile(place.path, {
    sync: options.sync,
    mark: EXPORT_MARK,
  });
  let bytes = 0;
  for await (const chunk of chunks) {
    options.signal?.throwIfAborted();
    await file.write(chunk);
    bytes += chunk.length;
  }
  options.signal?.throwIfAborted();
  await file.commit();
  return bytes;
}

type Place =
  | { readonly kind: "file"; readonly path: string }
  /** A pipe or `/dev/null`: nothing can take its place. */
  | { readonly kind: "device" };

function findPlace(target: string): Place {
  return guardLocal("write", target, () => {
    try {
      const info = Deno.statSync(target);
      if (info.isDirectory) throw isFolder(target);
      // A link stays, and what it points to is replaced.
      return info.isFile
        ? { kind: "file", path: Deno.realPathSync(target) }
        : { kind: "device" };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return { kind: "file", path: target };
    }
  });
}

async function writeDevice(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<number> {
  using file = await localCall(
    "write",
    path,
    () => Deno.open(path, { write: true }),
  );
  let bytes = 0;
  for await (const chunk of chunks) {
    for (let rest = chunk; rest.length > 0;) {
      rest = rest.subarray(
        await localCall("write", path, () => file.write(rest)),
      );
    }
    bytes += chunk.length;
  }
  return bytes;
}

async function writeStream(
  target: WritableStream<Uint8Array>,
  chunks: AsyncIterable<Uint8Array>,
  { signal }: WriteOutputOptions,
): Promise<number> {
  const writer = target.getWriter();
  try {
    let bytes = 0;
    for await (const chunk of chunks) {
      // Whoever is to read it may be asleep.
      await orAbort(writer.write(chunk), signal);
      bytes += chunk.length;
    }
    await orAbort(writer.close(), signal);
    return bytes;
  } catch (error) {
    writer.abort(error).catch(() => {});
    throw error;
  }
}

/** Waits no longer than the signal lets it. Not by a race, which would keep all that came before. */
function orAbort(
  promise: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    promise.then(resolve, reject)
      .finally(() => signal?.removeEventListener("abort", onAbort));
  });
}

function isFolder(path: string): LocalError {
  return new LocalError("io", `Cannot write "${path}": it is a folder`, {
    hint: "name a file, or use --format oci-dir",
    details: { path },
  });
}
