import { quoteText } from "./escape_text.ts";

/** What is wrong with a text before it is taken apart. */
export interface ShapeFault {
  /** Goes on after the quoted text. */
  readonly problem: string;
  /** How to write it instead. */
  readonly hint?: string;
}

/** More than any valid reference has; what is longer isn't looked at. */
const MAX_REFERENCE_LENGTH = 2048;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
const IMAGE_ID = /^(?:sha256:)?[0-9a-f]{64}$/;

/** Says why a text can be no image reference whatever its parts are; undefined where it may be one. */
export function findShapeFault(input: string): ShapeFault | undefined {
  if (input === "") return { problem: "it is empty" };
  if (input.length > MAX_REFERENCE_LENGTH) {
    return {
      problem:
        `it has ${input.length} characters, more than ${MAX_REFERENCE_LENGTH}`,
    };
  }
  const scheme = SCHEME.exec(input)?.[0];
  if (scheme !== undefined) {
    return {
      problem: `it starts with ${
        quoteText(scheme)
      }, and a reference has no scheme`,
      hint: "leave out the scheme, as in registry.example.com/repository:tag",
    };
  }
  // distribution/reference refuses the bare hash, which tools take for an image's
  // ID; with its algorithm it would be a tag of docker.io/library/sha256.
  if (IMAGE_ID.test(input)) {
    return {
      problem: "it is a digest with no repository",
      hint: "write it after the repository, as in alpine@sha256:…",
    };
  }
  if (input.startsWith("[") && !input.includes("/")) {
    return { problem: "it names a registry and no repository" };
  }
  return undefined;
}
