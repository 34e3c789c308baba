import type { Store } from "../../store/store.ts";
import type { StoreSource } from "../store_source.ts";
import type { ContentLease } from "./content_lease.ts";
import type { FollowedImages } from "./followed_images.ts";
import type { MirrorRecorder } from "./mirror_recorder.ts";
import type {
  UpstreamBlobStore,
  UpstreamClient,
  UpstreamEngine,
} from "./upstream.ts";

/** What a mirror does besides serving: for a person, and for `/metrics`. */
export interface MirrorObserver {
  /** Content was had from the store, or had to be fetched. */
  readonly onLookup: (outcome: "hit" | "miss") => void;
  /** Bytes came from upstream. */
  readonly onBytes: (bytes: number) => void;
  /** Upstream failed; where it could, the store helped out. */
  readonly onFailure: (error: unknown) => void;
}

/** Options of `createMirrorSource`. */
export interface MirrorOptions {
  /** The registry, in its canonical form: `docker.io`. */
  readonly registry: string;
  readonly client: UpstreamClient;
  /** Makes the engine that brings blobs into the store it is given. */
  readonly openEngine: (store: UpstreamBlobStore) => UpstreamEngine;
  readonly observer: MirrorObserver;
}

/** What the parts of one mirror share. */
export interface MirrorParts {
  readonly store: Store;
  readonly client: UpstreamClient;
  readonly observer: MirrorObserver;
  readonly stored: StoreSource;
  readonly followed: FollowedImages;
  readonly recorder: MirrorRecorder;
  readonly lease: ContentLease;
}
