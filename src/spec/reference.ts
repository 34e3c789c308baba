import { findShapeFault } from "./reference_shape.ts";
import { redactUserinfo } from "./redact_userinfo.ts";
import { findTagFault } from "./tag.ts";
import { UsageError } from "../errors.ts";
import { type Digest, findDigestFault, isDigest } from "./digest.ts";
import { quoteText } from "./escape_text.ts";
import {
  DEFAULT_REGISTRY,
  findRegistryFault,
  isRegistryLike,
  normalizeRegistry,
} from "./registry_name.ts";
import {
  findRepositoryFault,
  MAX_REPOSITORY_LENGTH,
} from "./repository_name.ts";

/** A parsed image reference. At least one of tag and digest is there once parsed. */
export interface ImageReference {
  /** Host with optional port, lower case: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Path in the registry, `library/` filled in on docker.io: `library/alpine`. */
  readonly repository: string;
  /** Name of a version, such as `3.20`. */
  readonly tag?: string;
  /** Wins over the tag; the tag is then for display only. */
  readonly digest?: Digest;
}

/** Options of {@linkcode parseReference}. */
export interface ParseReferenceOptions {
  /** Registry of a reference that names none; default `docker.io`. */
  readonly defaultRegistry?: string | undefined;
}

const DEFAULT_TAG = "latest";
/**
 * Parses an image reference as docker does (the grammar of
 * github.com/distribution/reference): `alpine` is
 * `docker.io/library/alpine:latest`.
 *
 * @param input `[registry/]repository[:tag][@digest]`
 * @throws {UsageError} `reference-invalid`, saying which part is wrong; `usage`
 * where the default registry is no registry.
 *
 * @example
 * ```ts
 * import { parseReference } from "@dray/dray";
 *
 * const { registry, repository, tag } = parseReference("alpine:3.20");
 * console.assert(registry === "docker.io");
 * console.assert(repository === "library/alpine" && tag === "3.20");
 * ```
 */
export function parseReference(
  input: string,
  options: ParseReferenceOptions = {},
): ImageReference {
  const shape = findShapeFault(input);
  if (shape !== undefined) throw invalid(input, shape.problem, shape.hint);
  const [name, digest] = cutFirst(input, "@");
  if (digest !== undefined && !isDigest(digest)) {
    const problem = findDigestFault(digest)?.problem ?? "it is no digest";
    throw invalid(input, `digest ${quoteText(digest)}: ${problem}`);
  }
  const colon = name.lastIndexOf(":");
  const hasTag = colon > name.lastIndexOf("/");
  const tag = hasTag ? name.slice(colon + 1) : undefined;
  const named = parseName(
    input,
    hasTag ? name.slice(0, colon) : name,
    options.defaultRegistry,
  );
  const tagFault = tag === undefined ? undefined : findTagFault(tag);
  if (tag !== undefined && tagFault !== undefined) {
    throw invalid(input, `tag ${quoteText(tag)} ${tagFault}`);
  }
  if (digest === undefined) return { ...named, tag: tag ?? DEFAULT_TAG };
  return tag === undefined ? { ...named, digest } : { ...named, tag, digest };
}

/** The canonical text of a reference: `registry/repository[:tag][@digest]`. */
export function formatReference(reference: ImageReference): string {
  const { tag, digest } = reference;
  return formatRepository(reference) + (tag === undefined ? "" : `:${tag}`) +
    (digest === undefined ? "" : `@${digest}`);
}

/** The repository a reference is in: `registry/repository`. */
export function formatRepository(reference: ImageReference): string {
  return `${reference.registry}/${reference.repository}`;
}

type Name = Pick<ImageReference, "registry" | "repository">;

function parseName(
  input: string,
  name: string,
  defaultRegistry: string | undefined,
): Name {
  const [first, rest] = cutFirst(name, "/");
  const named = rest !== undefined && isRegistryLike(first);
  const path = named ? rest : name;
  if (named) {
    const fault = findRegistryFault(first);
    if (fault !== undefined) {
      throw invalid(input, `registry ${quoteText(first)} ${fault}`);
    }
    if (rest === "") {
      throw invalid(input, `there is no repository after ${quoteText(first)}`);
    }
  }
  const fault = findRepositoryFault(path);
  if (fault !== undefined) {
    const lower = path.toLowerCase();
    const isCase = findRepositoryFault(lower) === undefined;
    throw invalid(
      input,
      `repository ${quoteText(path)} ${fault}`,
      isCase ? `repositories are in lower case: ${lower}` : undefined,
    );
  }
  const registry = named
    ? normalizeRegistry(first)
    : checkDefaultRegistry(defaultRegistry);
  const repository = registry === DEFAULT_REGISTRY && !path.includes("/")
    ? `library/${path}`
    : path;
  if (repository.length > MAX_REPOSITORY_LENGTH) {
    throw invalid(
      input,
      `the repository has ${repository.length} characters, more than ${MAX_REPOSITORY_LENGTH}`,
    );
  }
  return { registry, repository };
}

/** A default that would not be read as a registry again could not be written down. */
function checkDefaultRegistry(registry: string | undefined): string {
  if (registry === undefined) return DEFAULT_REGISTRY;
  const fault = findRegistryFault(registry) ??
    (isRegistryLike(registry)
      ? undefined
      : 'has neither "." nor port, so it reads as part of a repository');
  if (fault === undefined) return normalizeRegistry(registry);
  throw new UsageError(
    "usage",
    `Cannot use default registry ${quoteText(registry)}: it ${fault}`,
    { hint: "name a host such as registry.example.com or registry:5000" },
  );
}

function cutFirst(
  text: string,
  separator: string,
): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(input: string, problem: string, hint?: string): UsageError {
  return new UsageError(
    "reference-invalid",
    `Cannot parse reference ${quoteText(redactUserinfo(input))}: ${problem}`,
    { hint },
  );
}
