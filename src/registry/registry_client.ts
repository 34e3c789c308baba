import { type ImageConfig, parseImageConfig } from "../spec/config.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { type Digest, parseDigest } from "../spec/digest.ts";
import type { Document, ImageIndex, ImageManifest } from "../spec/manifest.ts";
import type { ImageReference } from "../spec/reference.ts";
import type { BlobAnswer } from "./blob_answer.ts";
import type { CredentialCheck } from "./check_credentials.ts";
import {
  type ClientParts,
  createClientParts,
  type RegistryClientOptions,
} from "./client_parts.ts";
import type { Credential } from "./credential.ts";
import { originEndpoint } from "./endpoint.ts";
import type { FetchBlobOptions } from "./fetch_blob.ts";
import type { FetchDocumentOptions } from "./fetch_document.ts";
import type { ListTagsOptions } from "./list_tags.ts";
import type { OpenBlobOptions } from "./open_blob.ts";
import type { RateLimit } from "./rate_limit.ts";
import type { RealmOptions } from "./realm.ts";
import type { CallOptions } from "./registry_context.ts";
import {
  type Repository,
  type RepositoryName,
  toRepository,
} from "./repository_name.ts";
import { resolveReference } from "./resolve_reference.ts";

export type { RegistryClientOptions } from "./client_parts.ts";

/**
 * A client of the OCI distribution API for any number of registries. Calls may
 * run at the same time; tokens and what is known of mirrors are shared among them.
 *
 * Every call may throw `AuthError`, `NotFoundError`, `UnavailableError` and
 * `IntegrityError`, by what the registry answers; and `UsageError` for a
 * reference that is none, before anything is sent.
 *
 * @example The digest that a tag points to
 * ```ts
 * import { RegistryClient } from "@dray/dray";
 *
 * using client = new RegistryClient({
 *   // A registry in this process; leave it out to ask real ones.
 *   transport: () =>
 *     Promise.resolve(
 *       new Response(null, {
 *         headers: {
 *           "content-length": "428",
 *           "content-type": "application/vnd.oci.image.manifest.v1+json",
 *           "docker-content-digest": `sha256:${"ab".repeat(32)}`,
 *         },
 *       }),
 *     ),
 * });
 * const { digest, size } = await client.resolve("registry.example/team/app:1");
 * console.log(digest, size);
 * ```
 */
export class RegistryClient implements Disposable {
  // What a call is made of is loaded with the first one: a pull that finds everything up to date
  // resolves a reference, and does no more.
  readonly #parts: ClientParts;
  readonly #options: RealmOptions & { readonly now: () => number };
  /** The one that was checked last: the blobs of an image are all of one. */
  #repository: Repository | undefined;
  #opening: Promise<typeof import("./open_blob.ts")> | undefined;

  /** Makes a client. Without options: anonymous, and plain HTTP where loopback speaks no TLS. */
  constructor(options: RegistryClientOptions = {}) {
    const { allowPrivateRealms = false, now = Date.now } = options;
    this.#options = { allowPrivateRealms, now };
    this.#parts = createClientParts(options);
  }

  /** Finds what a reference points to: by HEAD where that says everything. */
  resolve(
    reference: ImageReference | string,
    options: CallOptions = {},
  ): Promise<Descriptor> {
    return resolveReference(this.#parts.context, reference, options);
  }

  /**
   * Fetches a manifest or index and checks its raw bytes: by digest where the
   * reference or the descriptor has one, else by tag.
   */
  async fetchDocument(
    reference: ImageReference | string,
    options: FetchDocumentOptions = {},
  ): Promise<Document> {
    const { fetchDocument } = await import("./fetch_document.ts");
    return await fetchDocument(this.#parts.context, reference, options);
  }

  /**
   * Fetches a manifest.
   *
   * @param reference The repository that has it; without a descriptor its tag or digest counts.
   * @param descriptor Which one. Default: what the reference points to.
   */
  async fetchManifest(
    reference: RepositoryName | ImageReference,
    descriptor?: Descriptor,
    options: CallOptions = {},
  ): Promise<ImageManifest> {
    const { fetchManifest } = await import("./fetch_document.ts");
    const { context } = this.#parts;
    return await fetchManifest(context, reference, { ...options, descriptor });
  }

  /**
   * Fetches an index.
   *
   * @param reference The repository that has it; without a descriptor its tag or digest counts.
   * @param descriptor Which one. Default: what the reference points to.
   */
  async fetchIndex(
    reference: RepositoryName | ImageReference,
    descriptor?: Descriptor,
    options: CallOptions = {},
  ): Promise<ImageIndex> {
    const { fetchIndex } = await import("./fetch_document.ts");
    const { context } = this.#parts;
    return await fetchIndex(context, reference, { ...options, descriptor });
  }

  /** Fetches the image configuration that a descriptor names. */
  async fetchConfig(
    repository: RepositoryName,
    descriptor: Descriptor,
    options: CallOptions = {},
  ): Promise<ImageConfig> {
    return parseImageConfig(
      await this.fetchConfigBytes(repository, descriptor, options),
    );
  }

  /** Fetches a configuration, of whatever type, as it is; size and digest are checked. */
  async fetchConfigBytes(
    repository: RepositoryName,
    descriptor: Descriptor,
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    const { fetchSmallBlob } = await import("./fetch_blob.ts");
    const checked = toRepository(repository);
    return await fetchSmallBlob(
      this.#parts.context,
      checked,
      descriptor,
      options,
    );
  }

  /**
   * Opens a blob as a stream. Whoever reads a whole blob to its end gets an
   * `IntegrityError` instead of the end where its digest or size differ.
   */
  async fetchBlob(
    repository: RepositoryName,
    descriptor: Descriptor,
    options: FetchBlobOptions = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { fetchBlob } = await import("./fetch_blob.ts");
    return await fetchBlob(
      this.#parts.context,
      toRepository(repository),
      descriptor,
      options,
    );
  }

  /** Asks for a blob or a range of it; the answer's body is not verified. For transfer engines. */
  async openBlob(
    repository: RepositoryName,
    descriptor: Descriptor,
    options: OpenBlobOptions = {},
  ): Promise<BlobAnswer> {
    // Kept: what is loaded already takes 30 µs to import again, and each blob comes here.
    this.#opening ??= import("./open_blob.ts");
    const { openBlob } = await this.#opening;
    const checked = this.#check(repository);
    return await openBlob(this.#parts.context, checked, descriptor, options);
  }

  /**
   * Asks for the size of a blob that no descriptor at hand tells of.
   *
   * @returns in bytes; undefined where the registry doesn't say.
   * @throws NotFoundError where the repository doesn't have it.
   */
  async findBlobSize(
    repository: RepositoryName,
    digest: Digest,
    options: CallOptions = {},
  ): Promise<number | undefined> {
    const { findBlobSize } = await import("./find_blob_size.ts");
    const checked = toRepository(repository);
    const { context } = this.#parts;
    return await findBlobSize(context, checked, parseDigest(digest), options);
  }

  /** Lists the tags of a repository in the registry's order, page after page as they are read. */
  async *listTags(
    repository: RepositoryName,
    options: ListTagsOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    const { listTags } = await import("./list_tags.ts");
    yield* listTags(this.#parts.context, toRepository(repository), options);
  }

  /**
   * Lists what refers to a digest: signatures, bills of materials.
   *
   * @throws NotFoundError where the registry has no such list.
   */
  async listReferrers(
    repository: RepositoryName,
    subject: Digest,
    options: CallOptions = {},
  ): Promise<readonly Descriptor[]> {
    const { listReferrers } = await import("./list_referrers.ts");
    const checked = toRepository(repository);
    const { context } = this.#parts;
    return await listReferrers(context, checked, parseDigest(subject), options);
  }

  /** The rate limit that a registry told of last, in whichever answer. */
  findRateLimit(registry: string): RateLimit | undefined {
    return this.#parts.observer.findRateLimit(registry);
  }

  /**
   * Asks a registry whether it lets an account in, as a login does.
   *
   * @throws AuthError when it doesn't
   */
  async checkCredentials(
    registry: string,
    credential: Credential,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<CredentialCheck> {
    const { checkCredentials } = await import("./check_credentials.ts");
    const { context, transport } = this.#parts;
    const endpoint = (await context.endpointsOf(registry)).at(-1) ??
      originEndpoint(registry);
    const { idleTimeoutMs } = context;
    const { signal } = options;
    const checkOptions = { ...this.#options, idleTimeoutMs, signal };
    return await checkCredentials(
      transport,
      endpoint,
      credential,
      checkOptions,
    );
  }

  #check(name: RepositoryName): Repository {
    const last = this.#repository;
    const isSame = typeof name !== "string" &&
      last?.registry === name.registry && last.repository === name.repository;
    if (isSame) return last;
    this.#repository = toRepository(name);
    return this.#repository;
  }

  /** Closes the connections of the client's own transport. */
  [Symbol.dispose](): void {
    this.#parts.close();
  }
}
