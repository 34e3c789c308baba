import type { DrayEvent } from "../events.ts";
import type { RetryNotice } from "../http/http_request.ts";
import type { ImageReference } from "../spec/reference.ts";
import type { LayerUnpacker, PullClient, PullStore } from "./ports.ts";
import type { WorkGroup } from "./work_group.ts";
import type { TransferEngine } from "./transfer_engine.ts";

/** What the steps of one pull share. */
export interface PullContext {
  readonly reference: ImageReference;
  /** The reference's canonical form. */
  readonly name: string;
  readonly client: PullClient;
  readonly store: PullStore;
  readonly engine: TransferEngine;
  /** All work of the pull; its signal ends requests and transfers. */
  readonly work: WorkGroup;
  /** What is in the store is checked again. */
  readonly force: boolean;
  /** Nothing is stored. */
  readonly dryRun: boolean;
  /** Unpacks layers while they come. */
  readonly unpacker: LayerUnpacker | undefined;
  readonly maxDocumentBytes: number;
  readonly emit: (event: DrayEvent) => void;
  /** Told of document bytes that came over the network. */
  readonly onDocumentBytes: (bytes: number) => void;
}

/** Runs a request for a document on one of the engine's connections. */
export function request<T>(
  context: PullContext,
  send: (
    options: {
      readonly signal: AbortSignal;
      readonly onRetry: (notice: RetryNotice) => void;
    },
  ) => Promise<T>,
): Promise<T> {
  const { engine, emit, work: { signal } } = context;
  const onRetry = (notice: RetryNotice) => emit({ event: "wait", ...notice });
  return engine.connections.run(() => send({ signal, onRetry }), signal);
}
