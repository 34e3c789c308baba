import type { Platform } from "./platform.ts";

/** A variant's place in its family: `v8.2` is `[8, 2]`. */
type Level = readonly [major: number, minor: number];

/** What an entry without a variant means (containerd's platforms package agrees). */
const DEFAULT_VARIANTS: ReadonlyMap<string, string> = new Map([
  ["amd64", "v1"],
  ["arm", "v7"],
  ["arm64", "v8"],
]);

/** Weight of a major step; above any minor. */
const MAJOR_STEP = 1000;
/** Distance of an entry without a variant, where the architecture has no known order. */
const BASELINE_DISTANCE = 1;

/**
 * How far an image's variant is below the one asked for: 0 is the same, and
 * undefined does not run there.
 *
 * @param wanted Normalized; without a variant it asks for the default one.
 * @param have Normalized, of the same architecture.
 */
export function variantDistance(
  wanted: Platform,
  have: Platform,
): number | undefined {
  const { architecture } = wanted;
  const fallback = DEFAULT_VARIANTS.get(architecture);
  const from = wanted.variant ?? fallback;
  const to = have.variant ?? fallback;
  const [fromLevel, toLevel] = [parseLevel(from), parseLevel(to)];
  if (from === to || isEqualLevel(fromLevel, toLevel)) return 0;
  if (fallback === undefined) {
    return to === undefined ? BASELINE_DISTANCE : undefined;
  }
  if (fromLevel === undefined || toLevel === undefined) return undefined;
  return levelDistance(architecture, fromLevel, toLevel);
}

function levelDistance(
  architecture: string,
  [wantedMajor, wantedMinor]: Level,
  [major, minor]: Level,
): number | undefined {
  if (major > wantedMajor) return undefined;
  if (major === wantedMajor) {
    return minor <= wantedMinor ? wantedMinor - minor : undefined;
  }
  // Armv9.x has what Armv8.(x+5) has, up to v8.9 (Arm ARM, A2.1).
  const highest = architecture === "arm64" && wantedMajor === 9
    ? Math.min(wantedMinor + 5, 9)
    : MAJOR_STEP - 1;
  if (minor > highest) return undefined;
  return (wantedMajor - major) * MAJOR_STEP + highest - minor;
}

function parseLevel(variant: string | undefined): Level | undefined {
  const match = /^v(\d{1,3})(?:\.(\d{1,2}))?$/.exec(variant ?? "");
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0)];
}

function isEqualLevel(a: Level | undefined, b: Level | undefined): boolean {
  return a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1];
}
