/** What of an answer tells where its bytes are from. */
export interface SourceMark {
  readonly source: string;
  readonly etag?: string;
}

/** Which hosts serve a blob: whom to avoid, and whether a host's content stays the same. */
export class BlobSources {
  readonly #avoided = new Set<string>();
  readonly #used = new Set<string>();
  #first: SourceMark | undefined;
  #etagsChange = false;

  /** Hosts that served some of it, the first one first. */
  get used(): readonly string[] {
    return [...this.#used];
  }

  /** Hosts to pass over as long as there is another. */
  get avoided(): ReadonlySet<string> {
    return this.#avoided;
  }

  /**
   * The first answer's ETag, to make a later range conditional; undefined once
   * another host may answer, whose ETags are its own.
   */
  get etag(): string | undefined {
    const first = this.#first;
    if (first === undefined || this.#etagsChange || this.#avoided.size > 0) {
      return undefined;
    }
    return first.etag;
  }

  /**
   * Judges an answer's ETag against the first of its host. A host that gives
   * another each time is told once; from then on the digest alone decides.
   *
   * @returns Whether the answer may be read.
   */
  admit(answer: SourceMark): boolean {
    const first = this.#first;
    const changed = first?.source === answer.source &&
      first.etag !== undefined &&
      answer.etag !== undefined && first.etag !== answer.etag &&
      !this.#etagsChange;
    if (changed) {
      this.#etagsChange = true;
      return false;
    }
    this.#first ??= answer;
    this.#used.add(answer.source);
    return true;
  }

  /** A host failed in the middle. */
  avoid(source: string): void {
    this.#avoided.add(source);
  }

  /** The bytes hash to something else: whoever served any of them is to blame. */
  avoidUsed(): void {
    for (const source of this.#used) this.#avoided.add(source);
    this.#used.clear();
    this.#first = undefined;
    this.#etagsChange = false;
  }
}
