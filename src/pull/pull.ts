import type { EventListener } from "../events.ts";
import { RegistryClient } from "../registry/registry_client.ts";
import { MAX_DOCUMENT_BYTES } from "../spec/max_document_bytes.ts";
import type { Platform } from "../spec/platform.ts";
import {
  formatReference,
  type ImageReference,
  parseReference,
} from "../spec/reference.ts";
import type { LayerUnpacker, PullClient, PullStore } from "./ports.ts";
import { type PulledImage, pullImage } from "./pull_image.ts";
import { describePull, type PullResult } from "./pull_result.ts";
import {
  TransferEngine,
  type TransferEngineOptions,
} from "./transfer_engine.ts";
import { WorkGroup } from "./work_group.ts";

/** How {@linkcode pull} works. */
export interface PullOptions
  extends Omit<TransferEngineOptions, "client" | "store"> {
  /** Where the image goes. */
  readonly store: PullStore;
  /** Default: anonymous, over a transport of its own. */
  readonly client?: PullClient;
  /**
   * Shared by pulls that are to share connections, rate and blobs on their
   * way; made for the same store and client. Default: one for this pull, from
   * the options of it.
   */
  readonly engine?: TransferEngine;
  /** Default: the platform of this machine. */
  readonly platforms?: readonly Platform[];
  /** Every platform that the image exists for. Default false. */
  readonly allPlatforms?: boolean;
  /** Ask the registry again and check what is stored again. Default false. */
  readonly force?: boolean;
  /** Find out what would be downloaded, and store nothing. Default false. */
  readonly dryRun?: boolean;
  /**
   * Unpacks each layer while it and the others are still on their way, such as
   * a `StoreUnpacker` of the same store. Where that fails, the pull fails, but
   * what was transferred stays, and so does the image. Default: nothing is unpacked.
   */
  readonly unpack?: LayerUnpacker;
  /** Largest manifest, index or config, in bytes. Default 4 MiB. */
  readonly maxDocumentBytes?: number;
  /** Told of each event as it happens; must not throw. */
  readonly onEvent?: EventListener;
  /** Ends the pull; what was transferred stays for the next. Its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Pulls an image into a store: resolves the reference, works out which blobs
 * are missing, transfers and verifies them, and records the image once it is
 * complete. After a failure, and after an abort, what was transferred stays.
 *
 * @throws UsageError reference-invalid
 * @throws NotFoundError not-found, platform-not-found
 * @throws AuthError unauthorized, denied
 * @throws UnavailableError unreachable, timeout, rate-limited, server-error, tls
 * @throws IntegrityError digest-mismatch, size-mismatch, document-invalid, …
 * @throws LocalError disk-full, permission-denied, io
 * @throws what the option `unpack` throws.
 *
 * @example
 * ```ts ignore
 * await using store = await Store.open("/var/lib/images");
 * const { digest } = await pull("alpine:3.20", { store });
 * ```
 */
export async function pull(
  reference: string | ImageReference,
  options: PullOptions,
): Promise<PullResult> {
  const { store, onEvent = () => {}, now = () => performance.now() } = options;
  const startMs = now();
  const parsed = typeof reference === "string"
    ? parseReference(reference)
    : reference;
  using scope = new DisposableStack();
  const client = options.client ?? scope.use(new RegistryClient());
  const engine = options.engine ??
    scope.use(new TransferEngine({ ...options, client, store }));
  const name = formatReference(parsed);
  let documentBytes = 0;
  const pulled = await pullImage({
    reference: parsed,
    name,
    client,
    store,
    engine,
    work: new WorkGroup(options.signal),
    force: options.force ?? false,
    dryRun: options.dryRun ?? false,
    unpacker: options.unpack,
    maxDocumentBytes: options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
    emit: onEvent,
    onDocumentBytes: (bytes) => void (documentBytes += bytes),
  }, { named: options.platforms, all: options.allPlatforms ?? false });
  const elapsedMs = Math.round(now() - startMs);
  const result = { ...describePull(name, pulled, documentBytes), elapsedMs };
  const { digest, bytesDownloaded, bytesReused } = result;
  onEvent({
    event: "done",
    reference: name,
    digest,
    bytesDownloaded,
    bytesReused,
    elapsedMs,
    sources: sourcesOf(pulled),
  });
  return result;
}

/** Hosts that served blobs, each once. */
function sourcesOf({ outcomes }: PulledImage): readonly string[] {
  const all = [...outcomes.values()].flatMap(({ sources = [] }) => sources);
  return [...new Set(all)];
}
