import { UsageError } from "../errors.ts";
import { quoteText } from "./escape_text.ts";

/** Algorithms that dray can verify (OCI image specification, descriptor.md). */
export type DigestAlgorithm = "sha256" | "sha512";

/** A checked digest, `algorithm:lower-case-hex` of the algorithm's length. */
export type Digest = `${DigestAlgorithm}:${string}`;

/** Why a text is no digest that dray can use. */
export interface DigestFault {
  /** `unsupported`: well formed, of an algorithm that dray cannot verify. */
  readonly kind: "malformed" | "unsupported";
  /** Goes on after the quoted digest: `"x": <problem>`. */
  readonly problem: string;
}

const HEX_LENGTHS: Readonly<Record<DigestAlgorithm, number>> = {
  sha256: 64,
  sha512: 128,
};
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const ALGORITHM = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*$/;
const MAX_LENGTH = "sha512:".length + HEX_LENGTHS.sha512;

/**
 * Parses a digest that a user typed.
 *
 * @param text `sha256:` and 64, or `sha512:` and 128 lower-case hex digits.
 * @throws {UsageError} `digest-invalid`, saying which part is wrong.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  const problem = findDigestFault(text)?.problem ?? "it is no digest";
  throw new UsageError(
    "digest-invalid",
    `Cannot parse digest ${quoteText(text)}: ${problem}`,
  );
}

/** The digest that a value of unknown type is, or undefined where it is none. */
export function findDigest(value: unknown): Digest | undefined {
  return isDigest(value) ? value : undefined;
}

/** Whether a value is a digest of a known algorithm, in its canonical form. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === "string" && DIGEST.test(value);
}

/** Says what is wrong with a digest, or undefined where nothing is. */
export function findDigestFault(text: string): DigestFault | undefined {
  if (isDigest(text)) return undefined;
  const colon = text.indexOf(":");
  if (colon < 0) {
    return malformed('there is no ":" between algorithm and hash');
  }
  const algorithm = text.slice(0, colon);
  const hash = text.slice(colon + 1);
  if (algorithm === "") return malformed("the algorithm is missing");
  if (isAlgorithm(algorithm)) return malformed(hashProblem(algorithm, hash));
  const quoted = quoteText(algorithm);
  if (isAlgorithm(algorithm.toLowerCase())) {
    return malformed(`algorithm ${quoted} is not lower case`);
  }
  if (algorithm.length > MAX_LENGTH || !ALGORITHM.test(algorithm)) {
    return malformed(`${quoted} is no algorithm`);
  }
  return {
    kind: "unsupported",
    problem: `algorithm ${quoted} is not one of sha256, sha512`,
  };
}

/** The algorithm of a digest. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}

/** The hash of a digest: lower-case hex without the algorithm. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** The first 12 hex digits, for display. */
export function shortDigest(digest: Digest): string {
  return digestHex(digest).slice(0, 12);
}

function isAlgorithm(text: string): text is DigestAlgorithm {
  return Object.hasOwn(HEX_LENGTHS, text);
}

function hashProblem(algorithm: DigestAlgorithm, hash: string): string {
  const wanted = HEX_LENGTHS[algorithm];
  const wrong = hash.slice(0, wanted).search(/[^0-9a-f]/);
  if (wrong < 0) {
    return `the hash has ${hash.length} characters where ${algorithm} has ${wanted}`;
  }
  const character = String.fromCodePoint(hash.codePointAt(wrong) ?? 0);
  return /[A-F]/.test(character)
    ? `the hash has an upper-case letter at position ${wrong + 1}`
    : `the hash has ${quoteText(character)} at position ${wrong + 1}` +
      ", which is not hexadecimal";
}

function malformed(problem: string): DigestFault {
  return { kind: "malformed", problem };
}
