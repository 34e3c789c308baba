import { DrayError } from "../errors.ts";
import {
  formatReference,
  formatRepository,
  parseReference,
} from "../spec/reference.ts";
import type { ImageSummary } from "../store/stored_image.ts";
import type { Environment } from "./environment.ts";

/**
 * Whether one of the patterns fits an image; any image where there is none. A pattern is a
 * reference, a repository (all its tags), or either with `*` for any text; in the familiar form
 * (`alpine`) or in full.
 */
export function createImageFilter(
  patterns: readonly string[],
  environment: Environment,
): (image: Pick<ImageSummary, "reference">) => boolean {
  if (patterns.length === 0) return () => true;
  const fits = patterns.map((pattern) => createFit(pattern, environment));
  return ({ reference }) => fits.some((fit) => fit(reference));
}

function createFit(
  pattern: string,
  environment: Environment,
): (reference: string) => boolean {
  if (pattern.includes("*")) {
    const shape = new RegExp(
      `^(?:docker\\.io/(?:library/)?)?${
        pattern.split("*").map(RegExp.escape).join(".*")
      }$`,
      "s",
    );
    return (reference) =>
      shape.test(reference) || shape.test(repositoryOf(reference));
  }
  const names = namesOf(pattern, environment);
  return (reference) =>
    names.includes(reference) || names.includes(repositoryOf(reference));
}

/** What a text means in full; a repository alone means all its tags, not just `latest`. */
function namesOf(
  pattern: string,
  environment: Environment,
): readonly string[] {
  const defaultRegistry = environment.DRAY_DEFAULT_REGISTRY;
  try {
    const reference = parseReference(pattern, { defaultRegistry });
    const repository = formatRepository(reference);
    const name = formatReference(reference);
    const isRepository = name === `${repository}:latest` &&
      !pattern.endsWith(":latest");
    return [isRepository ? repository : name];
  } catch (error) {
    // What is no reference fits nothing.
    if (error instanceof DrayError) return [];
    throw error;
  }
}

function repositoryOf(reference: string): string {
  return formatRepository(parseReference(reference));
}
