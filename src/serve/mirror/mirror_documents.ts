import { SingleFlight } from "../../registry/single_flight.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import type { Digest } from "../../spec/digest.ts";
import type { Document } from "../../spec/manifest.ts";
import type { ServedDocument } from "../registry_source.ts";
import { KeptDocuments, served } from "./kept_documents.ts";
import type { MirrorParts } from "./mirror_parts.ts";
import { isGone, refuseUpstream } from "./refuse_upstream.ts";
import { UpstreamPatience } from "./upstream_patience.ts";
import type { UpstreamRepository } from "./upstream.ts";
import { canonicalName } from "./upstream_repository.ts";

/** Manifests and indexes of a mirror. */
export class MirrorDocuments {
  readonly #parts: MirrorParts;
  readonly #kept: KeptDocuments;
  readonly #resolving = new SingleFlight<Descriptor>();
  readonly #fetching = new SingleFlight<Document>();
  readonly #patience = new UpstreamPatience();
  /** References that are kept here, though upstream said that they are no more. */
  readonly #gone = new Set<string>();

  /** Nothing is fetched yet. */
  constructor(parts: MirrorParts) {
    this.#parts = parts;
    this.#kept = new KeptDocuments(parts);
  }

  /**
   * Upstream says what the tag is, and whether it is there; what is stored counts only while it
   * can't, and hasn't said before that the tag is gone. What it named once is still to be had by
   * digest.
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
    const kept = await this.#kept.findTagged(upstream, tag);
    try {
      const tagged = { ...upstream, tag };
      const descriptor = kept === undefined
        ? await this.#resolve(tagged, signal)
        : await this.#resolveKept(tagged, signal);
      const document = await this.#load(upstream, descriptor, signal);
      followed.addRoot(name, reference, document);
      await recorder.record(name);
      return served(document);
    } catch (error) {
      signal.throwIfAborted();
      observer.onFailure(error);
      if (kept !== undefined && !this.#gone.has(reference)) return kept;
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
      const document = await this.#kept.find(upstream, digest) ??
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

  /** Does not wait for long, and remembers where there is none any more. */
  async #resolveKept(
    tagged: UpstreamRepository & { readonly tag: string },
    signal: AbortSignal,
  ): Promise<Descriptor> {
    const reference = `${canonicalName(tagged)}:${tagged.tag}`;
    const ask = (ended: AbortSignal) => this.#resolve(tagged, ended);
    try {
      const found = await this.#patience.ask(reference, ask, { signal });
      this.#gone.delete(reference);
      return found;
    } catch (error) {
      if (isGone(error)) this.#gone.add(reference);
      throw error;
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

  /** A document that upstream told of: from the store where it is sound there. */
  async #load(
    upstream: UpstreamRepository,
    descriptor: Descriptor,
    signal: AbortSignal,
  ): Promise<Document> {
    const { digest } = descriptor;
    return await this.#kept.find(upstream, digest) ??
      await this.#kept.findBytes(descriptor) ??
      await this.#fetch(upstream, { digest, descriptor }, signal);
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
          await this.#kept.keep(document);
          return document;
        }),
      signal,
    );
  }
}
