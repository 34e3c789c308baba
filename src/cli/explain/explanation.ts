/** Something that holds, and why. */
export interface Fact {
  readonly value: string;
  readonly why: string;
}

/** One place that may serve a reference, in the order of asking. */
export interface ExplainedHost {
  readonly role: "mirror" | "registry";
  /** Base of its API. */
  readonly url: string;
  /** What names it. */
  readonly why: string;
  readonly protocol: Fact;
  readonly proxy: Fact;
  readonly credentials: Fact;
  /** What it answered last, or that it was not asked. */
  readonly answer: string;
  /** What it says of its rate limit. */
  readonly rateLimit?: string;
}

/** What a pull of a reference would do, and why. */
export interface Explanation {
  readonly reference: string;
  /** Undefined where nobody could tell. */
  readonly digest?: string;
  readonly registry: Fact;
  readonly hosts: readonly ExplainedHost[];
  readonly platforms: readonly Fact[];
  readonly store: Fact;
  /** Undefined where it failed before that was known. */
  readonly download?: string;
}
