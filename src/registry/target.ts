import { UsageError } from "../errors.ts";
import type { Descriptor } from "../spec/descriptor.ts";
import { parseDigest } from "../spec/digest.ts";
import { quoteText } from "../spec/escape_text.ts";
import { type ImageReference, parseReference } from "../spec/reference.ts";
import {
  type Repository,
  repositoryText,
  toRepository,
} from "./repository_name.ts";
import { isTag } from "./tag_name.ts";

/** What to fetch of a repository: a tag, or content by its digest. */
export interface Target {
  readonly repository: Repository;
  /** A checked digest or tag: goes into a URL as it is. */
  readonly selector: string;
  readonly digest?: Descriptor["digest"] | undefined;
  /** For messages. */
  readonly text: string;
}

/**
 * Reads a reference for a request; its digest wins over its tag.
 *
 * @param descriptor Wins over the reference's own digest: what an index names.
 * @throws UsageError reference-invalid, digest-invalid
 */
export function toTarget(
  reference: ImageReference | string,
  descriptor?: Descriptor,
): Target {
  const parsed = typeof reference === "string"
    ? parseReference(reference)
    : reference;
  const repository = toRepository(parsed);
  const { digest: given } = descriptor ?? parsed;
  if (given !== undefined) {
    const digest = parseDigest(given);
    return {
      repository,
      selector: digest,
      digest,
      text: `${repositoryText(repository)}@${digest}`,
    };
  }
  const tag = parsed.tag ?? "latest";
  if (!isTag(tag)) {
    throw new UsageError(
      "reference-invalid",
      `Cannot use tag ${quoteText(tag)} of ${
        quoteText(repositoryText(repository))
      }: it is no tag`,
    );
  }
  return {
    repository,
    selector: tag,
    text: `${repositoryText(repository)}:${tag}`,
  };
}
