import type { Descriptor } from "./descriptor.ts";
import type { ImageIndex } from "./manifest.ts";
import { isIndexType, isManifestType } from "./media_type.ts";
import {
  formatFullPlatform,
  normalizePlatform,
  type Platform,
} from "./platform.ts";
import { variantDistance } from "./variant.ts";

const ATTESTATION_KEY = "vnd.docker.reference.type";

/**
 * Chooses the entry of an index for a platform. Same os and architecture
 * always; then the nearest variant that runs there (exact, then downwards), no
 * operating system features that were not asked for, and the nearest version of
 * the operating system of the same build; among equals the first listed. An
 * entry that names no platform is taken only where it is the index's only one.
 * Attestations are never taken.
 *
 * @returns The descriptor of a manifest or of a nested index, or undefined.
 */
export function selectManifest(
  index: ImageIndex,
  platform: Platform,
): Descriptor | undefined {
  const wanted = normalizePlatform(platform);
  const candidates = index.manifests.filter(isCandidate);
  let best:
    | { readonly score: Score; readonly descriptor: Descriptor }
    | undefined;
  for (const descriptor of candidates) {
    if (descriptor.platform === undefined) continue;
    const score = scorePlatform(wanted, normalizePlatform(descriptor.platform));
    if (score === undefined) continue;
    if (best === undefined || isNearer(score, best.score)) {
      best = { score, descriptor };
    }
  }
  if (best !== undefined) return best.descriptor;
  const [only, ...others] = candidates;
  return others.length === 0 && only?.platform === undefined ? only : undefined;
}

/** The platforms of an index, each once, in its order and without attestations. */
export function listPlatforms(index: ImageIndex): Platform[] {
  const platforms = new Map<string, Platform>();
  for (const descriptor of index.manifests) {
    if (descriptor.platform === undefined || !isCandidate(descriptor)) continue;
    const platform = normalizePlatform(descriptor.platform);
    const key = formatFullPlatform(platform);
    if (!platforms.has(key)) platforms.set(key, platform);
  }
  return [...platforms.values()];
}

/** Whether an entry is BuildKit's attestation of another (`unknown/unknown`), not an image. */
export function isAttestation(descriptor: Descriptor): boolean {
  if (descriptor.annotations?.[ATTESTATION_KEY] !== undefined) return true;
  const { os, architecture } = descriptor.platform ?? {};
  return os === "unknown" && architecture === "unknown";
}

/** Distances in order of weight: variant, features, version. */
type Score = readonly [number, number, number];

function scorePlatform(wanted: Platform, have: Platform): Score | undefined {
  if (wanted.os !== have.os || wanted.architecture !== have.architecture) {
    return undefined;
  }
  const variant = variantDistance(wanted, have);
  const version = versionDistance(wanted.osVersion, have.osVersion);
  if (variant === undefined || version === undefined) return undefined;
  // An entry that spells the variant as asked goes before one that implies it.
  const spelling = wanted.variant === have.variant ? 0 : 0.5;
  return [variant + spelling, countExtraFeatures(wanted, have), version];
}

function isNearer(a: Score, b: Score): boolean {
  for (const [i, distance] of a.entries()) {
    const other = b[i] ?? 0;
    if (distance !== other) return distance < other;
  }
  return false;
}

function countExtraFeatures(wanted: Platform, have: Platform): number {
  const asked = new Set(wanted.osFeatures);
  return have.osFeatures?.filter((feature) => !asked.has(feature)).length ?? 0;
}

/**
 * How far a version of Windows is from the one asked for. An image runs on any
 * revision of the same build (the first three numbers), so the newest is best.
 */
function versionDistance(
  wanted: string | undefined,
  have: string | undefined,
): number | undefined {
  if (wanted === undefined || wanted === have) return 0;
  if (have === undefined) return Infinity;
  const build = wanted.split(".").slice(0, 3);
  const numbers = have.split(".");
  if (!build.every((number, i) => number === numbers[i])) return undefined;
  const revision = Number(numbers[3] ?? 0);
  return Number.isSafeInteger(revision) ? 1 + 1 / (1 + revision) : 2;
}

function isCandidate(descriptor: Descriptor): boolean {
  const { mediaType } = descriptor;
  return !isAttestation(descriptor) &&
    (isManifestType(mediaType) || isIndexType(mediaType));
}
