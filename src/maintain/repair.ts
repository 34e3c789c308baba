import { DrayError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { runTogether } from "../io/run_together.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import type { Digest } from "../spec/digest.ts";
import { type ImageReference, parseReference } from "../spec/reference.ts";
import type { Store } from "../store/store.ts";
import type { NeededBlob } from "../store/needed_blobs.ts";
import { hashFile } from "./hash_files.ts";

/** Where damaged documents come from again; a `RegistryClient` is one. */
export interface RepairClient {
  /** Fetches a manifest or index by its digest, verified. */
  fetchDocument(
    reference: ImageReference,
    options: { readonly descriptor: Descriptor; readonly signal?: AbortSignal },
  ): Promise<{ readonly bytes: Uint8Array }>;
}

/** Who brings damaged configs and layers; a `TransferEngine` for the same store is one. */
export interface RepairEngine {
  /** Brings a blob into the store, verified. */
  transfer(
    repository: { readonly registry: string; readonly repository: string },
    descriptor: Descriptor,
    options: {
      readonly onEvent?: EventListener | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<unknown>;
}

/** What a repair needs. */
export interface RepairOptions {
  /** For manifests and indexes. */
  readonly client: RepairClient;
  /** For configs and layers. */
  readonly engine: RepairEngine;
}

/** How a repair is told of and ended. */
export interface RepairControls {
  readonly onEvent: EventListener;
  readonly signal?: AbortSignal | undefined;
}

/** Blobs at a time; the engine bounds the connections. */
const AT_ONCE = 8;

/**
 * Fetches damaged blobs again from the repositories of the references that need them, and takes
 * out those that nobody needs. The caller has the repair lock.
 *
 * @returns those that are sound now; why others are not is told as warnings.
 */
export async function repairBlobs(
  store: Store,
  damaged: readonly Digest[],
  options: RepairOptions & RepairControls,
): Promise<ReadonlySet<Digest>> {
  const needed = store.upkeep.neededBlobs();
  announce(damaged, needed, options.onEvent);
  const { signal } = options;
  const repaired = await runTogether(damaged, async (digest, signal) => {
    const blob = needed.get(digest);
    return await repairBlob(store, digest, blob, { ...options, signal });
  }, { signal, limit: AT_ONCE });
  return new Set(damaged.filter((_, position) => repaired[position]));
}

function announce(
  damaged: readonly Digest[],
  needed: ReadonlyMap<Digest, NeededBlob>,
  onEvent: EventListener,
): void {
  const sizes = damaged.flatMap((digest) => needed.get(digest)?.size ?? []);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  onEvent({
    event: "plan",
    reference: "repair",
    blobs: sizes.length,
    bytes,
    bytesReused: 0,
  });
}

async function repairBlob(
  store: Store,
  digest: Digest,
  blob: NeededBlob | undefined,
  options: RepairOptions & RepairControls,
): Promise<boolean> {
  const file = store.upkeep.findBlobFile(digest);
  if (file !== undefined) {
    // Another process may have mended it since.
    const path = store.blobPath(digest);
    const actual = file.isFile
      ? await hashFile({ path, digest }, options.signal)
      : undefined;
    if (actual === digest) return true;
    // Nothing is lost: these bytes are not the blob's.
    await store.dropBlob(digest);
  }
  return blob === undefined || await fetchAgain(store, blob, options);
}

async function fetchAgain(
  store: Store,
  blob: NeededBlob,
  { client, engine, onEvent, signal }: RepairOptions & RepairControls,
): Promise<boolean> {
  const { digest, size, mediaType, kind } = blob;
  const descriptor = { digest, size, mediaType };
  let failure: DrayError | undefined;
  for (const repository of repositoriesOf(store, digest)) {
    try {
      if (kind === "index" || kind === "manifest") {
        const document = await client.fetchDocument(
          { ...repository, digest },
          { descriptor, ...signal && { signal } },
        );
        await store.putBlob(descriptor, document.bytes);
      } else {
        await engine.transfer(repository, descriptor, { onEvent, signal });
      }
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof DrayError) || error.exitCode === 7) throw error;
      failure ??= error;
    }
  }
  const message = failure?.message ?? `no reference says where ${digest} is`;
  onEvent({ event: "warning", message });
  return false;
}

interface Repository {
  readonly registry: string;
  readonly repository: string;
}

function repositoriesOf(store: Store, digest: Digest): readonly Repository[] {
  const found = new Map<string, Repository>();
  for (const name of store.upkeep.usersOf(digest)) {
    const { registry, repository } = parseReference(name);
    found.set(`${registry}/${repository}`, { registry, repository });
  }
  return [...found.values()];
}
