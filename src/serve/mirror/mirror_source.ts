import type { Descriptor } from "../../spec/descriptor.ts";
import type { Digest } from "../../spec/digest.ts";
import { isRegistryLike } from "../../spec/registry_name.ts";
import type { Store } from "../../store/store.ts";
import type {
  ManifestKey,
  RegistrySource,
  ServedBlob,
  ServedDocument,
  SourceOptions,
  SourceRepository,
} from "../registry_source.ts";
import { createStoreSource } from "../store_source.ts";
import { ContentLease } from "./content_lease.ts";
import { FollowedImages } from "./followed_images.ts";
import { MirrorBlobs } from "./mirror_blobs.ts";
import { MirrorDocuments } from "./mirror_documents.ts";
import type { MirrorOptions, MirrorParts } from "./mirror_parts.ts";
import { MirrorRecorder } from "./mirror_recorder.ts";
import { isGone, refuseUpstream } from "./refuse_upstream.ts";
import type { UpstreamRepository } from "./upstream.ts";
import { findUpstreamRepository, storedName } from "./upstream_repository.ts";

const NEVER = new AbortController().signal;

/** A source that has from upstream what is not in the store, and stores it. */
export function createMirrorSource(
  store: Store,
  options: MirrorOptions,
): RegistrySource & AsyncDisposable {
  return new MirrorSource(store, options);
}

class MirrorSource implements RegistrySource, AsyncDisposable {
  readonly #registry: string;
  readonly #parts: MirrorParts;
  readonly #documents: MirrorDocuments;
  readonly #blobs: MirrorBlobs;

  constructor(store: Store, options: MirrorOptions) {
    const { registry, client, observer, openEngine } = options;
    const lease = new ContentLease(store);
    const followed = new FollowedImages();
    this.#registry = registry;
    this.#parts = {
      store,
      client,
      observer,
      lease,
      stored: createStoreSource(store),
      followed,
      recorder: new MirrorRecorder(store, followed, observer.onFailure),
    };
    this.#documents = new MirrorDocuments(this.#parts);
    this.#blobs = new MirrorBlobs(this.#parts, openEngine);
  }

  listRepositories(): Promise<readonly string[]> {
    return this.#parts.stored.listRepositories();
  }

  /** Upstream's, or those that are stored while it can't say. */
  async findTags(
    repository: SourceRepository,
    { signal = NEVER }: SourceOptions = {},
  ): Promise<readonly string[] | undefined> {
    const { stored, client, observer } = this.#parts;
    const upstream = this.#find(repository);
    if (upstream === undefined) return await stored.findTags(repository);
    try {
      return await Array.fromAsync(client.listTags(upstream, { signal }));
    } catch (error) {
      signal.throwIfAborted();
      observer.onFailure(error);
      const own = await stored.findTags(storedName(upstream));
      if (own !== undefined && !isGone(error)) return own;
      throw refuseUpstream(error, "NAME_UNKNOWN");
    }
  }

  async findManifest(
    repository: SourceRepository,
    key: ManifestKey,
    { signal = NEVER }: SourceOptions = {},
  ): Promise<ServedDocument | undefined> {
    const upstream = this.#find(repository);
    if (upstream === undefined) {
      return await this.#parts.stored.findManifest(repository, key);
    }
    return "tag" in key
      ? await this.#documents.findByTag(upstream, key.tag, signal)
      : await this.#documents.findByDigest(upstream, key.digest, signal);
  }

  async findBlob(
    repository: SourceRepository,
    digest: Digest,
    { signal = NEVER }: SourceOptions = {},
  ): Promise<ServedBlob | undefined> {
    const upstream = this.#find(repository);
    return upstream === undefined
      ? await this.#parts.stored.findBlob(repository, digest)
      : await this.#blobs.find(upstream, digest, signal);
  }

  /** Where upstream has no list it is 404, at which a client looks for the tag that may hold one. */
  async findReferrers(
    repository: SourceRepository,
    subject: Digest,
    { signal = NEVER }: SourceOptions = {},
  ): Promise<readonly Descriptor[] | undefined> {
    const { stored, client, observer } = this.#parts;
    const upstream = this.#find(repository);
    if (upstream === undefined) {
      return await stored.findReferrers(repository, subject);
    }
    const own = await stored.findReferrers(storedName(upstream), subject) ?? [];
    try {
      const found = await client.listReferrers(upstream, subject, { signal });
      const all = [...found, ...own].map((each) =>
        [each.digest, each] as const
      );
      return [...new Map(all).values()];
    } catch (error) {
      signal.throwIfAborted();
      observer.onFailure(error);
      if (own.length > 0) return own;
      throw refuseUpstream(error, "NOT_FOUND");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#blobs.ended();
    this.#parts.stored[Symbol.dispose]();
    await this.#parts.lease[Symbol.asyncDispose]();
  }

  /** Undefined where it is for the store alone: another registry's, and there. */
  #find(repository: SourceRepository): UpstreamRepository | undefined {
    const { name, namespace } = repository;
    const isOther = namespace === undefined &&
      isRegistryLike(name.slice(0, Math.max(0, name.indexOf("/")))) &&
      !name.startsWith(`${this.#registry}/`) &&
      this.#parts.store.catalog.references(name).length > 0;
    return isOther
      ? undefined
      : findUpstreamRepository(this.#registry, repository);
  }
}
