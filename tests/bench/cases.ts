import { BENCH_IMAGES, type BenchImage } from "./images.ts";

/** What the registry is seen through. */
export type Front =
  | { readonly kind: "direct" }
  | { readonly kind: "capped"; readonly bytesPerSecond: number }
  | { readonly kind: "far"; readonly roundTripMs: number };

/** One row of the bench: an image, a line to the registry, and what dray's time should be against the peers. */
export interface BenchCase {
  readonly name: string;
  readonly image: BenchImage;
  readonly front: Front;
  /** Compare tools that sync with tools that sync. */
  readonly synced: "both" | "unsynced";
  readonly goal: { readonly synced?: string; readonly unsynced?: string };
}

const direct: Front = { kind: "direct" };

/** In the order of the README's table. */
export const BENCH_CASES: readonly BenchCase[] = [
  {
    name: "256 MiB layer",
    image: BENCH_IMAGES.one256m,
    front: direct,
    synced: "both",
    goal: { synced: "≤ 0.75", unsynced: "≤ 0.75" },
  },
  {
    name: "1 GiB layer",
    image: BENCH_IMAGES.one1g,
    front: direct,
    synced: "both",
    goal: { synced: "≤ 0.75", unsynced: "≤ 0.75; ≤ 1.25 × curl" },
  },
  {
    name: "8 × 128 MiB",
    image: BENCH_IMAGES.eight128m,
    front: direct,
    synced: "both",
    goal: { synced: "≤ 0.8", unsynced: "≤ 0.8" },
  },
  {
    name: "100 × 1 MiB",
    image: BENCH_IMAGES.hundred1m,
    front: direct,
    synced: "both",
    goal: { synced: "≤ 1", unsynced: "≤ 1" },
  },
  {
    name: "3.5 MiB",
    image: BENCH_IMAGES.small,
    front: direct,
    synced: "both",
    goal: { unsynced: "crane + 0.1 s" },
  },
  {
    name: "256 MiB, 20 MB/s a connection",
    image: BENCH_IMAGES.one256m,
    front: { kind: "capped", bytesPerSecond: 20_000_000 },
    synced: "unsynced",
    goal: { unsynced: "≤ 0.167" },
  },
  {
    name: "40 × 256 KiB, 60 ms away",
    image: BENCH_IMAGES.forty256k,
    front: { kind: "far", roundTripMs: 60 },
    synced: "unsynced",
    goal: { unsynced: "≤ 0.6" },
  },
];
