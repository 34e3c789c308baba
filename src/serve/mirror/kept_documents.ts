import { IntegrityError } from "../../errors.ts";
import type { Descriptor } from "../../spec/descriptor.ts";
import { type Digest, findDigest } from "../../spec/digest.ts";
import { type Document, parseDocument } from "../../spec/manifest.ts";
import { MAX_DOCUMENT_BYTES } from "../../spec/max_document_bytes.ts";
import type { ServedDocument } from "../registry_source.ts";
import type { MirrorParts } from "./mirror_parts.ts";
import type { UpstreamRepository } from "./upstream.ts";
import { canonicalName, storedName } from "./upstream_repository.ts";

/** The manifests and indexes that a mirror has, in its memory or in the store. */
export class KeptDocuments {
  readonly #parts: Omit<MirrorParts, "client" | "recorder">;

  /** Nothing is read yet. */
  constructor(parts: Omit<MirrorParts, "client" | "recorder">) {
    this.#parts = parts;
  }

  /** What a tag led to when upstream was last asked. */
  async findTagged(
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

  /** What was asked for in this repository before. */
  async find(
    upstream: UpstreamRepository,
    digest: Digest,
  ): Promise<Document | undefined> {
    const { followed, stored, observer } = this.#parts;
    const known = followed.find(canonicalName(upstream), digest);
    if (known !== undefined) {
      observer.onLookup("hit");
      await this.keep(known);
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
  async findBytes(descriptor: Descriptor): Promise<Document | undefined> {
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

  /** Puts a document into the store, or back: what is remembered may have been pruned. */
  async keep({ descriptor, bytes }: Document): Promise<void> {
    const { store, lease } = this.#parts;
    if (await store.hasBlob(descriptor)) return;
    await lease.keepDuring(() => store.putBlob(descriptor, bytes));
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
}

/** As an answer has it. */
export function served({ descriptor, bytes }: Document): ServedDocument {
  // Sound: documents come from responses and files, never from shared memory.
  return { descriptor, bytes: bytes as Uint8Array<ArrayBuffer> };
}
