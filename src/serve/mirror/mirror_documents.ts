import { IntegrityError } from "../../errors.ts";
import { SingleFlight } from "../../registry/single_flight.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import { type Digest, findDigest } from "../../spec/digest.ts";
import { type Document, parseDocument } from "../../spec/manifest.ts";
import { MAX_DOCUMENT_BYTES } from "../../spec/max_document_bytes.ts";
import type { ServedDocument } from "../registry_source.ts";
import type { MirrorParts } from "./mirror_parts.ts";
import { isGone, refuseUpstream } from "./refuse_upstream.ts";
import { UpstreamPatience } from "./upstream_patience.ts";
import type { UpstreamRepository } from "./upstream.ts";
import { canonicalName, storedName } from "./upstream_repository.ts";

/** Manifests and indexes of a mirror. */
export class MirrorDocuments {
  readonly #parts: MirrorParts;
  readonly #resolving = new SingleFlight<Descriptor>();
  readonly #fetching = new SingleFlight<Document>();
  readonly #patience = new UpstreamPatience();

  /** Nothing is fetched yet. */
  constructor(parts: MirrorParts) {
    this.#parts = parts;
  }

  /**
   * Upstream says what the tag is, and whether it is there; what is stored counts only while it
   * can't. What it named once is still to be had by digest.
   *
   * @throws RefusedError where neither has it.
   */
  async findByTag(
    upstream: UpstreamRepository,
    tag: string,
    signal: AbortSignal,
  ): Promise<ServedDocument> {
    const { followed, recorder, observer } = this.#parts;
    const name = canonicalName(upstream);
    const reference = `${name}:${tag}`;
    const kept = await this.#findKept(upstream, tag);
    try {
      const ask = (ended: AbortSignal): Promise<Descriptor> =>
        this.#resolve({ ...upstream, tag }, ended);
      const descriptor = kept === undefined
        ? await ask(signal)
        : await this.#patience.ask(reference, ask, { signal });
      const document = await this.#load(upstream, descriptor, signal);
      followed.addRoot(name, reference, document);
      await recorder.record(name);
      return served(document);
    } catch (error) {
      signal.throwIfAborted();
      observer.onFailure(error);
      if (kept !== undefined && !isGone(error)) return kept;
      throw refuseUpstream(error, "MANIFEST_UNKNOWN");
    }
  }

  /**
   * By digest nothing is asked of upstream that is stored.
   *
   * @throws RefusedError where upstream has it neither.
   */
  async findByDigest(
    upstream: UpstreamRepository,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<ServedDocument> {
    const { followed, recorder, observer } = this.#parts;
    const name = canonicalName(upstream);
    try {
      const document = await this.#findKnown(upstream, digest) ??
        await this.#fetch(upstream, { digest }, signal);
      followed.add(name, document);
      await recorder.record(name);
      return served(document);
    } catch (error) {
      signal.throwIfAborted();
      observer.onFailure(error);
      throw refuseUpstream(error, "MANIFEST_UNKNOWN");
    }
  }

  #resolve(
    reference: UpstreamRepository & { readonly tag: string },
    signal: AbortSignal,
  ): Promise<Descriptor> {
    const { client } = this.#parts;
    return this.#resolving.run(
      `${canonicalName(reference)}:${reference.tag}`,
      (ended) => client.resolve(reference, { signal: ended }),
      signal,
    );
  }

  async #findKept(
    upstream: UpstreamRepository,
    tag: string,
  ): Promise<ServedDocument | undefined> {
    const { stored, followed } = this.#parts;
    const repository = storedName(upstream);
    const found = await this.#unlessDamaged(
      () => stored.findManifest(repository, { tag }),
    );
    if (found !== undefined) return found;
    const name = canonicalName(upstream);
    const root = followed.findRoot(name, `${name}:${tag}`);
    return root && served(root);
  }

  /** A document that upstream told of: from the store where it is sound there. */
  async #load(
    upstream: UpstreamRepository,
    descriptor: Descriptor,
    signal: AbortSignal,
  ): Promise<Document> {
    const { digest } = descriptor;
    return await this.#findKnown(upstream, digest) ??
      await this.#findBytes(descriptor) ??
      await this.#fetch(upstream, { digest, descriptor }, signal);
  }

  /** What was asked for in this repository before. */
  async #findKnown(
    upstream: UpstreamRepository,
    digest: Digest,
  ): Promise<Document | undefined> {
    const { followed, stored, observer } = this.#parts;
    const known = followed.find(canonicalName(upstream), digest);
    if (known !== undefined) {
      observer.onLookup("hit");
      await this.#keep(known);
      return known;
    }
    const found = await this.#unlessDamaged(
      () => stored.findManifest(storedName(upstream), { digest }),
    );
    if (found === undefined) return undefined;
    observer.onLookup("hit");
    return parseDocument(found.bytes, { descriptor: found.descriptor });
  }

  /** Another repository may have brought it. */
  async #findBytes(descriptor: Descriptor): Promise<Document | undefined> {
    const { store, observer } = this.#parts;
    if (!(await store.hasBlob(descriptor))) return undefined;
    const maxBytes = MAX_DOCUMENT_BYTES;
    const bytes = await this.#unlessDamaged(
      () => store.readBlobBytes(descriptor, { maxBytes }),
    );
    if (bytes === undefined) return undefined;
    observer.onLookup("hit");
    return parseDocument(bytes, { descriptor });
  }

  /** A damaged blob makes room for a sound one. */
  async #unlessDamaged<T>(
    read: () => Promise<T>,
  ): Promise<T | undefined> {
    const { store, observer } = this.#parts;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      observer.onFailure(error);
      const digest = findDigest(error.details["digest"]);
      if (digest !== undefined) await store.dropBlob(digest);
      return undefined;
    }
  }

  /** What is remembered may have been pruned. */
  async #keep({ descriptor, bytes }: Document): Promise<void> {
    const { store, lease } = this.#parts;
    if (await store.hasBlob(descriptor)) return;
    await lease.keepDuring(() => store.putBlob(descriptor, bytes));
  }

  #fetch(
    upstream: UpstreamRepository,
    what: { readonly digest: Digest; readonly descriptor?: Descriptor },
    signal: AbortSignal,
  ): Promise<Document> {
    const { digest, descriptor } = what;
    const { observer, client, lease } = this.#parts;
    observer.onLookup("miss");
    return this.#fetching.run(
      `${canonicalName(upstream)}@${digest}`,
      (ended) =>
        lease.keepDuring(async () => {
          const document = await client.fetchDocument(
            { ...upstream, digest },
            {
              signal: ended,
              ...descriptor === undefined ? {} : { descriptor },
            },
          );
          observer.onBytes(document.bytes.length);
          await this.#keep(document);
          return document;
        }),
      signal,
    );
  }
}

function served({ descriptor, bytes }: Document): ServedDocument {
  // Sound: documents come from responses and files, never from shared memory.
  return { descriptor, bytes: bytes as Uint8Array<ArrayBuffer> };
}
