import assert from "node:assert/strict";
import type { DrayEvent } from "../../src/events.ts";
import { sleep } from "../../src/http/sleep.ts";
import { createTransport } from "../../src/http/transport.ts";
import type { PullStore } from "../../src/pull/ports.ts";
import { pull, type PullOptions } from "../../src/pull/pull.ts";
import type { PullResult } from "../../src/pull/pull_result.ts";
import type { RetryBudget } from "../../src/pull/retry_budget.ts";
import { type Endpoint, originEndpoint } from "../../src/registry/endpoint.ts";
import { RegistryClient } from "../../src/registry/registry_client.ts";
import { parseDigest } from "../../src/spec/digest.ts";
import { Store } from "../../src/store/store.ts";
import {
  type FakeRegistry,
  type FakeRegistryOptions,
  startFakeRegistry,
} from "../testing/fake_registry.ts";
import type { TestBlob, TestImage } from "../testing/image_builder.ts";
import { tempDir } from "../testing/temp_dir.ts";

/** The platform of the kit's images. */
export const AMD64 = { os: "linux", architecture: "amd64" } as const;

/** Waits that a test can afford. */
export const QUICK_RETRIES: RetryBudget = {
  maxRetries: 5,
  baseDelayMs: 1,
  maxDelayMs: 5,
};

/** What a kit is made of. */
export interface KitOptions extends FakeRegistryOptions {
  readonly headerTimeoutMs?: number;
  readonly endpointsOf?: (registry: string) => Promise<readonly Endpoint[]>;
}

/** What is pulled with; `platforms` is linux/amd64 by default. */
export type KitPullOptions = Partial<PullOptions>;

/** A fake registry, a store, and a client whose waits are short. */
export interface PullKit extends AsyncDisposable {
  readonly registry: FakeRegistry;
  readonly store: Store;
  readonly client: RegistryClient;
  /** Of all pulls so far. */
  readonly events: DrayEvent[];
  pull(reference: string, options?: KitPullOptions): Promise<PullResult>;
  /** Events of one kind. */
  eventsOf<Name extends DrayEvent["event"]>(
    name: Name,
  ): Extract<DrayEvent, { event: Name }>[];
  /** Fails unless every byte of the image is in the store, and the image recorded. */
  assertStored(image: TestImage, result: PullResult): Promise<void>;
}

/** Starts a kit. */
export async function startKit(options: KitOptions = {}): Promise<PullKit> {
  const registry = startFakeRegistry(options);
  const dir = await tempDir("dray-pull-");
  const store = await Store.open(dir.path, { sync: false });
  let skippedMs = 0;
  const client = new RegistryClient({
    transport: createTransport({
      headerTimeoutMs: options.headerTimeoutMs ?? 5000,
      // Waits pass at once, on a clock of their own.
      retry: {
        monotonicNow: () => performance.now() + skippedMs,
        sleep: (ms, signal) => {
          skippedMs += ms;
          return sleep(0, signal);
        },
      },
    }),
    endpointsOf: options.endpointsOf ??
      ((name) => Promise.resolve([originEndpoint(name)])),
  });
  const events: DrayEvent[] = [];
  return {
    registry,
    store,
    client,
    events,
    pull: (reference, pullOptions = {}) =>
      pull(reference, {
        store,
        client,
        platforms: [AMD64],
        retry: QUICK_RETRIES,
        idleTimeoutMs: 2000,
        random: () => 0.5,
        onEvent: (event) => void events.push(event),
        ...pullOptions,
      }),
    eventsOf: <Name extends DrayEvent["event"]>(name: Name) =>
      events.filter((event): event is Extract<DrayEvent, { event: Name }> =>
        event.event === name
      ),
    assertStored: async (image, result) => {
      assert.equal(result.digest, image.root.descriptor.digest);
      for (const blob of [...image.documents, ...image.blobs]) {
        assert.deepEqual(await readStored(store, blob), blob.bytes);
      }
      assert.equal(store.findImage(result.reference)?.digest, result.digest);
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** The store on a disk that has this much room. */
export function withRoom(store: Store, freeBytes: number): PullStore {
  const space: PullStore["space"] = {
    hasRoomFor: () => false,
    freeBytes: () => Promise.resolve(freeBytes),
    reservedBytes: (digests) => store.space.reservedBytes(digests),
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === "space") return space;
      const member = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

function readStored(store: Store, { descriptor }: TestBlob) {
  const { digest, size } = descriptor;
  const blob = { digest: parseDigest(digest), size };
  return store.readBlobBytes(blob, { maxBytes: 1 << 30 });
}
